import { isDatabaseOutage } from './database-outage.js';
import { ERROR_CATALOG, type ErrorCode } from './error-catalog.js';

/**
 * One invalid field of a request. `pointer` is a JSON Pointer (RFC 6901) into the body, or `?name` for a query
 * parameter.
 */
export interface FieldError {
  pointer: string;
  detail: string;
}

export interface GatewayErrorOptions {
  /** For the log only: never leaves the process. */
  internal?: string;
  /** A finer stable reason for the log and the interaction record (`jwt_expired`), never shown to the caller. */
  reason?: string;
  fields?: readonly FieldError[];
  retryAfterSeconds?: number;
  /** Replaces the status of the catalog, for errors in the response of another service. */
  status?: number;
  /** Extra response headers that belong to this error (lower-case names). */
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/**
 * The only error that is thrown on purpose. The throw site decides which text leaves the process: `detail` is shown to
 * the caller and says what to do; `internal`, `reason` and `cause` are for the log.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly internal: string | undefined;
  readonly reason: string | undefined;
  readonly fields: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ErrorCode, detail: string, options: GatewayErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.detail = detail;
    this.internal = options.internal;
    this.reason = options.reason;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.status = options.status ?? ERROR_CATALOG[code].status;
    this.headers = options.headers;
  }

  get title(): string {
    return ERROR_CATALOG[this.code].title;
  }
}

const DATABASE_UNAVAILABLE = 'database_unavailable';

/** Error of a request while the database does not respond. `cause` goes to the log only. */
export const createDatabaseUnavailableError = (cause: unknown): GatewayError =>
  new GatewayError(
    'temporarily_unavailable',
    'The database is not available at the moment. Try again in a few seconds.',
    {
      reason: DATABASE_UNAVAILABLE,
      internal: cause instanceof Error ? cause.message : String(cause),
      retryAfterSeconds: 2,
      cause,
    },
  );

/** Whether a failure, as thrown or as a GatewayError, means that the database does not respond. */
export const isDatabaseUnavailable = (error: unknown): boolean => toGatewayError(error).reason === DATABASE_UNAVAILABLE;

/**
 * Converts any failure into a GatewayError: `temporarily_unavailable` if the database does not respond, else
 * `internal_error`. Nothing of the original message is shown.
 */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (isDatabaseOutage(error)) return createDatabaseUnavailableError(error);
  return new GatewayError(
    'internal_error',
    'Something went wrong here. Try again. If the error persists, give the request id to your administrator.',
    {
      internal: error instanceof Error ? error.message : String(error),
      cause: error,
    },
  );
}
