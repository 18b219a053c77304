import { readClaimedSession, SESSION_MEMBERS } from '../base/claimed-session.js';
import { MemberKeys, scanBody } from '../../json/members.js';
import { skipSpace } from '../../json/text.js';
import { readBoolean, readNumber, readString } from '../../json/values.js';
import { NO_REQUEST_INFO, type RequestInfo } from '../base/dialect.js';

const REQUEST = MemberKeys.withLabels(['model', 'stream', 'max_tokens', 'max_tokens_to_sample'], SESSION_MEMBERS);
const FIRST_LABEL = 4;

const INFERENCE = /^(?:v1\/)?(?:messages(?:\/count_tokens)?|complete)(?:\?|$)/;
const UPLOADS = /^(?:v1\/)?(?:files|skills)(?:[/?]|$)/;

/** See `Dialect.inspect`. Every stream reports usage without a request for it. */
export function inspectAnthropic(body: Buffer, path: string): RequestInfo {
  if (body.length === 0 || UPLOADS.test(path)) return NO_REQUEST_INFO;
  if (!INFERENCE.test(path) && body[skipSpace(body, 0)] !== 0x7b) return NO_REQUEST_INFO;
  const { values } = scanBody(body, REQUEST);
  return {
    model: readString(body, values[0], 'model'),
    streaming: readBoolean(body, values[1], 'stream') ?? false,
    maxOutputTokens: readNumber(body, values[2], 'max_tokens') ?? readNumber(body, values[3], 'max_tokens_to_sample'),
    usageToInject: false,
    otherModels: NO_REQUEST_INFO.otherModels,
    claimedSession: readClaimedSession(body, values.slice(FIRST_LABEL)),
  };
}
