import { type JsonSpan, MemberKeys, scanBody, scanInner } from '../../json/members.js';
import { isAbsent, isObject, readNumber, createWrongTypeError } from '../../json/values.js';
import { parseBedrockPath } from './paths.js';
import { NO_REQUEST_INFO, type RequestInfo } from '../base/dialect.js';

const STREAMING: ReadonlySet<string> = new Set(['converse-stream', 'invoke-with-response-stream']);

/** Members of Converse and Nova, then Titan, then the vendors whose models are invoked in their own format. */
const REQUEST = new MemberKeys(
  'inferenceConfig',
  'textGenerationConfig',
  'max_tokens',
  'max_completion_tokens',
  'max_gen_len',
  'max_tokens_to_sample',
);
const CONFIG = new MemberKeys('maxTokens', 'max_new_tokens', 'maxTokenCount');

/** See `Dialect.inspect`. The path contains model and streaming; every stream reports its usage. */
export function inspectBedrock(body: Buffer, path: string): RequestInfo {
  const call = parseBedrockPath(path);
  if (!call) return NO_REQUEST_INFO;
  return {
    ...NO_REQUEST_INFO,
    model: call.model,
    streaming: STREAMING.has(call.verb),
    maxOutputTokens: body.length === 0 ? null : readMaxOutputTokens(body),
  };
}

/** Returns the largest maximum in the body, since a model ignores those that it does not know. */
function readMaxOutputTokens(body: Buffer): number | null {
  const { values } = scanBody(body, REQUEST);
  const maximums = [
    ...readConfiguredMaximums(body, values[0], 'inferenceConfig'),
    ...readConfiguredMaximums(body, values[1], 'textGenerationConfig'),
    ...values.slice(2).map((span, i) => readNumber(body, span, REQUEST.names[i + 2]!)),
  ].filter((tokens) => tokens !== null);
  return maximums.length === 0 ? null : Math.max(...maximums);
}

function readConfiguredMaximums(body: Buffer, span: JsonSpan | undefined, name: string): (number | null)[] {
  if (span === undefined || isAbsent(body, span)) return [];
  if (!isObject(body, span)) throw createWrongTypeError(name, 'an object');
  const { values } = scanInner(body, CONFIG, span.start);
  return values.map((value, i) => readNumber(body, value, `${name}/${CONFIG.names[i]}`));
}
