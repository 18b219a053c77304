/** The last handler of every error: logs it once, and writes it in the format of the client. */
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CATALOG, type ErrorCode } from '../platform/errors/error-catalog.js';
import { GatewayError, toGatewayError } from '../platform/errors/gateway-error.js';
import { findHttpSurface, LLM_SURFACE, type ErrorFormat } from '../platform/http/http-surfaces.js';
import { toProblemDetails } from '../platform/http/problem-details.js';
import type { AppLogger } from '../platform/logging/app-logger.js';
import { sendErrorPage } from '../oauth/pages/http/error-response.js';
import { findDialectByUrl } from '../proxy/call/dialect-by-url.js';
import { writeError } from '../proxy/client/error-response.js';
import type { RefusalRecorder } from '../proxy/accounting/refusal-recorder.js';
import { sendScimError } from '../scim/protocol/scim-errors.js';

type ErrorSender = (error: GatewayError, request: FastifyRequest, reply: FastifyReply) => void;

@Catch()
export class HttpErrorsFilter implements ExceptionFilter {
  readonly #senders: Readonly<Record<ErrorFormat, ErrorSender>> = {
    dialect: (error, request, reply) => this.#sendToLlmClient(error, request, reply),
    page: sendErrorPage,
    scim: sendScimError,
    problem: (error, request, reply) => this.#sendProblem(error, request, reply),
  };

  constructor(
    private readonly logger: AppLogger,
    private readonly refusals: RefusalRecorder,
    private readonly publicUrl: string,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  send(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const surface = findHttpSurface(request.raw.url!);
    const error = toKnownError(thrown, surface === LLM_SURFACE);
    // A refused call has a log line of its own, written with its record.
    if (surface.log !== 'call' || error.status >= 500) this.#log(error, request);
    this.#senders[surface.errors](error, request, reply);
  }

  #sendToLlmClient(error: GatewayError, request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack();
    // A request that never reached a hook has no CORS headers of its own.
    request.corsHeaders ??= [];
    writeError(request, reply.raw, findDialectByUrl(request.raw.url!), error);
    void this.refusals.record(request, error);
  }

  #sendProblem(error: GatewayError, request: FastifyRequest, reply: FastifyReply): void {
    const context = { publicUrl: this.publicUrl, rawUrl: request.raw.url!, requestId: request.id };
    void reply
      .status(error.status)
      .headers({ ...error.headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
      .headers(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) })
      .send(JSON.stringify(toProblemDetails(error, context)));
  }

  #log(error: GatewayError, request: FastifyRequest): void {
    const { code, reason, internal, cause } = error;
    const fields = { requestId: request.id, code, reason, internal, ...(error.status >= 500 ? { err: cause } : {}) };
    this.logger.pino[ERROR_CATALOG[code].level](fields, error.title);
  }
}

const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_BAD_URL: 'bad_request',
};
const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  414: 'not_found', // a part of the path that is longer than any id of the gateway
  415: 'unsupported_media_type',
};

/** Replaces the framework's message, which would repeat the URL and any credential in its query. */
const NO_PATH = 'No endpoint has this path and method. /api/docs lists the endpoints.';
const BAD_URL = 'The URL of this request cannot be decoded.';

/**
 * Converts the frameworks' own errors. Their other messages concern the form of the request only, so they may be shown.
 */
function toKnownError(thrown: unknown, isLlm: boolean): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const { code, statusCode, message } = thrown as { code?: string; statusCode?: number; message?: string };
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusCode;
  const errorCode = (code && FASTIFY_CODES[code]) || (status && STATUS_CODES[status]);
  if (!errorCode) return toGatewayError(thrown);
  if (errorCode === 'not_found' && isLlm) {
    return new GatewayError('path_not_found', 'No endpoint has this path. Check the base URL of your client.');
  }
  const detail = errorCode === 'not_found' ? NO_PATH : code === 'FST_ERR_BAD_URL' ? BAD_URL : message;
  return new GatewayError(errorCode, detail || ERROR_CATALOG[errorCode].title, { cause: thrown });
}
