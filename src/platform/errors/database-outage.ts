/**
 * Distinguishes an outage of the database from every other error. Codes: PostgreSQL, Appendix A "PostgreSQL Error
 * Codes"; system errors of Node; node-postgres identifies its own failures only by message.
 */
import { QueryFailedError, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

/** Connection exceptions (08) and insufficient resources: disk full, out of memory, too many connections (53). */
const OUTAGE_CLASSES = /^(?:08|53)/;

const OUTAGE_STATES: ReadonlySet<string> = new Set([
  '25006', // read_only_sql_transaction: after a failover this server is a replica
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up, shutting down or recovering
  '57P04', // database_dropped
  '57P05', // idle_session_timeout
  '58000', // system_error
  '58030', // io_error
]);

const SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_SOCKET_CLOSED',
]);

const DRIVER_MESSAGES =
  /^(?:Connection terminated|timeout exceeded when trying to connect|timeout expired$|Query read timeout$|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end|There was an error establishing an SSL connection|The server does not support SSL connections|Received unexpected \w+ message from backend|PGlite is closed|the embedded database )/;

/** States of a server that accepts no connection. Every other SQLSTATE proves that a database responds. */
const UNREACHABLE_STATES = /^(?:08|57P0[123])/;
/** System errors do not match: they begin with E. */
const SQL_STATE = /^[0-9FHPX][0-9A-Z]{4}$/;

/** A cause may have a cause; a longer chain is a cycle. */
const MAX_DEPTH = 8;

/** Whether an error means that the database cannot respond at the moment: the request is valid and may be repeated. */
export function isDatabaseOutage(error: unknown): boolean {
  return listErrorChain(error).some((link) => isRunnerReleased(link) || isOutageItself(link));
}

/** Whether a failure to connect means that no database responds, rather than that it rejects the gateway. */
export function isUnreachable(error: unknown): boolean {
  return listErrorChain(error).every(({ code }) => !SQL_STATE.test(code ?? '') || UNREACHABLE_STATES.test(code ?? ''));
}

type CodedError = Error & { code?: string; errors?: unknown[]; driverError?: unknown };

/** The connection broke between two statements of a transaction, and TypeORM gave it back. */
const isRunnerReleased = (error: Error): boolean =>
  error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError;

function isOutageItself({ code, message }: CodedError): boolean {
  if (typeof code === 'string')
    return SYSTEM_CODES.has(code) || (SQL_STATE.test(code) && (OUTAGE_CLASSES.test(code) || OUTAGE_STATES.has(code)));
  return DRIVER_MESSAGES.test(message);
}

/**
 * Returns the error and the errors that it wraps: TypeORM's `driverError`, `cause`, and the attempts of an
 * AggregateError.
 */
function listErrorChain(error: unknown, depth = 0): CodedError[] {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return [];
  const { driverError, cause, errors } = error as CodedError;
  // TypeORM copies the driver's members, so the driver's error is sufficient.
  const wrapped = error instanceof QueryFailedError ? [driverError] : [cause, ...(errors ?? [])];
  return [error, ...wrapped.flatMap((each) => listErrorChain(each, depth + 1))];
}
