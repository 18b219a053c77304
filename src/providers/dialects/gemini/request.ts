import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { type JsonSpan, MemberKeys, scanBody, scanInner } from '../../json/members.js';
import { isAbsent, isObject, readNumber, createWrongTypeError } from '../../json/values.js';
import { NO_REQUEST_INFO, type RequestInfo } from '../base/dialect.js';
import { parseGeminiPath } from './paths.js';

// Protocol-buffer JSON: the server accepts each name in either spelling.
const REQUEST = new MemberKeys('generationConfig', 'generation_config');
const CONFIG = new MemberKeys('maxOutputTokens', 'max_output_tokens');

/** See `Dialect.inspect`. The path contains model and streaming; every stream reports its usage. */
export function inspectGemini(body: Buffer, path: string): RequestInfo {
  const call = parseGeminiPath(path);
  if (!call) return NO_REQUEST_INFO;
  return {
    ...NO_REQUEST_INFO,
    model: call.model,
    streaming: call.verb === 'streamGenerateContent',
    maxOutputTokens: body.length === 0 ? null : readMaxOutputTokens(body),
  };
}

function readMaxOutputTokens(body: Buffer): number | null {
  const config = selectSpelling(scanBody(body, REQUEST).values, REQUEST);
  if (config === undefined || isAbsent(body, config)) return null;
  if (!isObject(body, config)) throw createWrongTypeError('generationConfig', 'an object');
  return readNumber(
    body,
    selectSpelling(scanInner(body, CONFIG, config.start).values, CONFIG),
    'generationConfig/maxOutputTokens',
  );
}

function selectSpelling([one, other]: readonly (JsonSpan | undefined)[], keys: MemberKeys): JsonSpan | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  throw new GatewayError(
    'invalid_body',
    `The request body cannot be used: it has both "${keys.names.join('" and "')}". Send one.`,
  );
}
