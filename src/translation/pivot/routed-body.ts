import { readClaimedSession, SESSION_MEMBERS } from '../../providers/dialects/base/claimed-session.js';
import { type JsonSpan, MemberKeys, scanBody } from '../../providers/json/members.js';
import { readString, createWrongTypeError } from '../../providers/json/values.js';

const KEYS = MemberKeys.withLabels(['model', 'messages', 'input'], SESSION_MEMBERS);
const MODEL = 0;
const MESSAGES = 1;
const INPUT = 2;
const FIRST_LABEL = 3;

/** Maximum length of a model's name. The longest that vendors have are ARNs of Bedrock, at most 2,048 characters. */
const MAX_MODEL_CHARS = 2_048 + 'bedrock:'.length;
const LONE_SURROGATE = /\p{Surrogate}/u;

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
 * most `MAX_MODEL_CHARS` characters and no unpaired surrogates, so that it can be part of a URL.
 */
export function readRoutedBody(bytes: Buffer): RoutedBody {
  const { values } = scanBody(bytes, KEYS);
  const model = readString(bytes, values[MODEL], 'model');
  if (model === null || model === '')
    throw createWrongTypeError('model', 'the name of a model, as in "openai:gpt-5.4"');
  if (model.length > MAX_MODEL_CHARS || LONE_SURROGATE.test(model))
    throw createWrongTypeError('model', `the name of a model, of at most ${MAX_MODEL_CHARS} characters`);
  const isResponsesShaped = values[MESSAGES] === undefined && values[INPUT] !== undefined;
  const claimedSession = readClaimedSession(bytes, values.slice(FIRST_LABEL));
  return { bytes, model, modelAt: values[MODEL]!, isResponsesShaped, claimedSession };
}
