import type { GatewayError } from '../../platform/errors/gateway-error.js';
import { encodeFrame } from '../wire/event-stream.js';
import type { Dialect, RenderedError } from './base/dialect.js';
import { buildErrorHeaders } from './base/error-headers.js';
import { PassThroughFilter } from './base/pass-through-filter.js';
import { renderRateLimit } from './base/rate-limit-headers.js';
import { createBedrockMeter } from './bedrock/meter.js';
import { bedrockModelList } from './bedrock/model-list.js';
import { inspectBedrock } from './bedrock/request.js';
import { readBedrockText } from './bedrock/text-deltas.js';
import { readBedrockFailedStatus } from './failed-response.js';
import { bedrockToolCalls } from './tool-call-grammars.js';

/** Exceptions for which AWS's SDKs have a class, by status; other 4xx are a ValidationException. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  401: 'AccessDeniedException',
  402: 'ServiceQuotaExceededException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  502: 'ServiceUnavailableException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
};

/** Exceptions that can end a stream; these are fewer. */
const STREAM_EXCEPTIONS: Readonly<Record<number, string>> = {
  429: 'throttlingException',
  502: 'serviceUnavailableException',
  503: 'serviceUnavailableException',
  504: 'serviceUnavailableException',
};

/** Amazon Bedrock's runtime API: Converse, and models invoked in their vendors' own formats. */
export const bedrockDialect: Dialect = {
  id: 'bedrock',
  toolCalls: bedrockToolCalls,
  readText: readBedrockText,
  streamForms: ['frames'],
  modelList: bedrockModelList,
  renderRateLimit,
  inspect: inspectBedrock,
  requestStreamUsage: (body) => body,
  createMeter: createBedrockMeter,
  readFailedStatus: readBedrockFailedStatus,
  createStreamFilter: () => new PassThroughFilter(),
  renderError(error): RenderedError {
    return {
      status: error.status,
      headers: {
        ...buildErrorHeaders(error, false),
        'x-amzn-errortype': getExceptionName(EXCEPTIONS, error, 'Exception'),
      },
      body: JSON.stringify({ message: error.detail }),
    };
  },
  renderStreamError: (error) =>
    encodeFrame('exception', getExceptionName(STREAM_EXCEPTIONS, error, 'exception'), { message: error.detail }),
};

function getExceptionName(
  names: Readonly<Record<number, string>>,
  { status }: GatewayError,
  form: 'Exception' | 'exception',
): string {
  const known = names[status];
  if (known !== undefined) return known;
  if (form === 'Exception') return status >= 500 ? 'InternalServerException' : 'ValidationException';
  return status >= 500 ? 'internalServerException' : 'validationException';
}
