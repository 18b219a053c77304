import { claimedSessionIn, SESSION_MEMBERS } from '../base/claimed-session.js';
import { MemberKeys, scanBody } from '../../json/members.js';
import { skipSpace } from '../../json/text.js';
import { booleanAt, numberAt, stringAt } from '../../json/values.js';
import { NO_FACTS, type RequestFacts } from '../base/dialect.js';

const REQUEST = MemberKeys.withLabels(['model', 'stream', 'max_tokens', 'max_tokens_to_sample'], SESSION_MEMBERS);
const FIRST_LABEL = 4;

const INFERENCE = /^(?:v1\/)?(?:messages(?:\/count_tokens)?|complete)(?:\?|$)/;
const UPLOADS = /^(?:v1\/)?(?:files|skills)(?:[/?]|$)/;

/** See `Dialect.inspect`. Every stream reports usage without a request for it. */
export function inspectAnthropic(body: Buffer, path: string): RequestFacts {
  if (body.length === 0 || UPLOADS.test(path)) return NO_FACTS;
  if (!INFERENCE.test(path) && body[skipSpace(body, 0)] !== 0x7b) return NO_FACTS;
  const { values } = scanBody(body, REQUEST);
  return {
    model: stringAt(body, values[0], 'model'),
    streaming: booleanAt(body, values[1], 'stream') ?? false,
    maxOutputTokens: numberAt(body, values[2], 'max_tokens') ?? numberAt(body, values[3], 'max_tokens_to_sample'),
    usageToInject: false,
    otherModels: NO_FACTS.otherModels,
    claimedSession: claimedSessionIn(body, values.slice(FIRST_LABEL)),
  };
}
