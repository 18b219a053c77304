import { claimedSessionIn, SESSION_MEMBERS } from '../../providers/dialects/base/claimed-session.js';
import { type JsonSpan, MemberKeys, scanBody } from '../../providers/json/members.js';
import { stringAt, wrongKind } from '../../providers/json/values.js';

const KEYS = MemberKeys.withLabels(['model', 'messages', 'input'], SESSION_MEMBERS);
const MODEL = 0;
const MESSAGES = 1;
const INPUT = 2;
const FIRST_LABEL = 3;

/** Maximum length of a model's name. The longest that vendors have are ARNs of Bedrock, at most 2,048 characters. */
const LONGEST_MODEL = 2_048 + 'bedrock:'.length;
const HALF_A_PAIR = /\p{Surrogate}/u;

/** Body of a request, with the members that the router needs first. */
export interface RoutedBody {
  readonly bytes: Buffer;
  readonly model: string;
  /** Position of the model's name. */
  readonly modelAt: JsonSpan;
  /** A Responses request that was sent to Chat's path (Cursor does that). */
  readonly isResponsesShaped: boolean;
  /** Session that the body names: a label, never proof. */
  readonly claimedSession: string | null;
}

/**
 * Reads the body. Throws GatewayError `invalid_body` unless it is one JSON object that names its model. The name has at
 * most `LONGEST_MODEL` characters and no unpaired surrogates, so that it can be part of a URL.
 */
export function routedBody(bytes: Buffer): RoutedBody {
  const { values } = scanBody(bytes, KEYS);
  const model = stringAt(bytes, values[MODEL], 'model');
  if (model === null || model === '') throw wrongKind('model', 'the name of a model, as in "openai:gpt-5.4"');
  if (model.length > LONGEST_MODEL || HALF_A_PAIR.test(model))
    throw wrongKind('model', `the name of a model, of at most ${LONGEST_MODEL} characters`);
  const isResponsesShaped = values[MESSAGES] === undefined && values[INPUT] !== undefined;
  const claimedSession = claimedSessionIn(bytes, values.slice(FIRST_LABEL));
  return { bytes, model, modelAt: values[MODEL]!, isResponsesShaped, claimedSession };
}
