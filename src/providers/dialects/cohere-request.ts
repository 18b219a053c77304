import { MemberKeys, scanBody } from '../json-members.js';
import { skipSpace } from '../json-text.js';
import { booleanAt, numberAt, stringAt } from '../json-values.js';
import { NO_FACTS, type RequestFacts } from './dialect.js';

const REQUEST = new MemberKeys('model', 'stream', 'max_tokens');

const INFERENCE = /^v2\/(?:chat|embed|rerank)(?:\?|$)/;

/** See `Dialect.inspect`. The last event of every stream tells its usage. */
export function inspectCohere(body: Buffer, path: string): RequestFacts {
  if (body.length === 0) return NO_FACTS;
  if (!INFERENCE.test(path) && body[skipSpace(body, 0)] !== 0x7b) return NO_FACTS;
  const { values } = scanBody(body, REQUEST);
  return {
    ...NO_FACTS,
    model: stringAt(body, values[0], 'model'),
    streaming: booleanAt(body, values[1], 'stream') ?? false,
    maxOutputTokens: numberAt(body, values[2], 'max_tokens'),
  };
}
