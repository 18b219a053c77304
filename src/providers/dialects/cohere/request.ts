import { JsonEdits } from '../../json/edits.js';
import { MemberKeys, scanBody } from '../../json/members.js';
import { skipSpace } from '../../json/text.js';
import { readBoolean, isAbsent, readNumber, readString } from '../../json/values.js';
import { NO_REQUEST_INFO, type RequestInfo } from '../base/dialect.js';

const REQUEST = new MemberKeys('model', 'stream', 'max_tokens');

const INFERENCE = /^(?:v2\/(?:chat|embed|rerank)|v1\/(?:chat|embed|rerank|(?:de)?tokenize))(?:\?|$)/;

/** Models that version 1 uses if a request names none (docs.cohere.com/v1/reference). */
const DEFAULT_MODELS: readonly (readonly [RegExp, string])[] = [
  [/^v1\/chat(?:\?|$)/, 'command-r-plus-08-2024'],
  [/^v1\/embed(?:\?|$)/, 'embed-english-v2.0'],
];

/** See `Dialect.inspect`. The last event of every stream reports its usage. */
export function inspectCohere(body: Buffer, path: string): RequestInfo {
  if (body.length === 0) return NO_REQUEST_INFO;
  if (!INFERENCE.test(path) && body[skipSpace(body, 0)] !== 0x7b) return NO_REQUEST_INFO;
  const { values } = scanBody(body, REQUEST);
  return {
    ...NO_REQUEST_INFO,
    model: readString(body, values[0], 'model'),
    streaming: readBoolean(body, values[1], 'stream') ?? false,
    maxOutputTokens: readNumber(body, values[2], 'max_tokens'),
  };
}

/** See `Dialect.addDefaultModel`. */
export function addDefaultCohereModel(body: Buffer, path: string): Buffer {
  const model = DEFAULT_MODELS.find(([calls]) => calls.test(path))?.[1];
  if (model === undefined || body.length === 0) return body;
  if (!isAbsent(body, scanBody(body, REQUEST).values[0])) return body;
  const edits = new JsonEdits(body);
  edits.editObject().set('model', model);
  return edits.apply();
}
