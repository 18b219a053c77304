import { claimedSessionIn, SESSION_MEMBERS } from '../../providers/claimed-session.js';
import { type JsonSpan, MemberKeys, scanBody } from '../../providers/json-members.js';
import { stringAt, wrongKind } from '../../providers/json-values.js';

const KEYS = MemberKeys.withLabels(['model', 'messages', 'input'], SESSION_MEMBERS);
const MODEL = 0;
const MESSAGES = 1;
const INPUT = 2;
const FIRST_LABEL = 3;

/** The longest that vendors have are ARNs of Bedrock's, at most 2,048 characters. */
const LONGEST_MODEL = 2_048 + 'bedrock:'.length;
const HALF_A_PAIR = /\p{Surrogate}/u;

/** A request's body with what the router has to know of it before anything else. */
export interface RoutedBody {
  readonly bytes: Buffer;
  readonly model: string;
  /** Where the model's name stands. */
  readonly modelAt: JsonSpan;
  /** A Responses request that came to Chat's address (Cursor does that). */
  readonly isResponsesShaped: boolean;
  /** The session that the body names: a label, never proof. */
  readonly claimedSession: string | null;
}

/** Throws GatewayError `invalid_body` unless the body is one JSON object that names its model. The name is no longer than any is, and can stand in a URL. */
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
