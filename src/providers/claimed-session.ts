/**
 * The session that a request body names: a label of the client's, never proof. Members that hold no session are ignored,
 * whatever their kind, since vendors alone judge them.
 */
import { MemberKeys, scanMembers, type JsonSpan } from './json-members.js';
import { JsonFault } from './json-text.js';

/**
 * Members that may name a session, for `MemberKeys.withLabels`. `metadata.user_id`: Claude Code and its SDK. `prompt_cache_key`:
 * OpenAI's key of a conversation's cache, which Codex sets to its thread. `user`: OpenAI's older label.
 */
export const SESSION_MEMBERS = ['metadata', 'prompt_cache_key', 'user'] as const;

const USER_ID = MemberKeys.withLabels([], ['user_id']);

/** Longer values name no session. */
const MAX_BYTES = 4_096;
/** `user_<hash>_account_<uuid>_session_<uuid>`, with an empty account where the person signs in with an API key. */
const CLAUDE_USER = /^user_.*_session_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The session, or null. `values`: the spans of `SESSION_MEMBERS`, in their order, in a body that `scanBody` accepted. */
export function claimedSessionIn(body: Buffer, values: readonly (JsonSpan | undefined)[]): string | null {
  const [metadata, cacheKey, user] = values;
  return claudeSession(textAt(body, userIdIn(body, metadata))) ?? textAt(body, cacheKey) ?? textAt(body, user);
}

function userIdIn(body: Buffer, metadata: JsonSpan | undefined): JsonSpan | undefined {
  if (metadata === undefined || body[metadata.start] !== 0x7b || metadata.end - metadata.start > MAX_BYTES)
    return undefined;
  try {
    return scanMembers(body, USER_ID, metadata.start).values[0];
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** Claude Code's `metadata.user_id`: the text above, or in newer versions the text of a JSON object with `session_id`. */
function claudeSession(userId: string | null): string | null {
  if (userId === null) return null;
  if (!userId.startsWith('{')) return CLAUDE_USER.exec(userId)?.[1] ?? null;
  const named = jsonValueOf(userId);
  const session = typeof named === 'object' && named !== null && 'session_id' in named ? named.session_id : null;
  return typeof session === 'string' && session !== '' ? session : null;
}

function textAt(body: Buffer, span: JsonSpan | undefined): string | null {
  if (span === undefined || body[span.start] !== 0x22 || span.end - span.start > MAX_BYTES) return null;
  const text = jsonValueOf(body.toString('utf8', span.start, span.end));
  return typeof text === 'string' && text.trim() !== '' ? text : null;
}

/** Undefined for what is no JSON. */
function jsonValueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
