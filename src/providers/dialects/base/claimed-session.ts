/**
 * Reads the session that a request body names: the client's label, never proof. Members of any type that hold no
 * session are ignored, since only vendors validate them.
 */
import { MemberKeys, scanMembers, type JsonSpan } from '../../json/members.js';
import { JsonFault } from '../../json/text.js';

/**
 * Members that may name a session, for `MemberKeys.withLabels`. `metadata.user_id`: Claude Code and its SDK.
 * `prompt_cache_key`: OpenAI's cache key of a conversation, which Codex sets to its thread. `user`: OpenAI's older
 * label.
 */
export const SESSION_MEMBERS = ['metadata', 'prompt_cache_key', 'user'] as const;

const USER_ID = MemberKeys.withLabels([], ['user_id']);

/** Maximum bytes of a value; longer values are ignored. */
const MAX_BYTES = 4_096;
/** `user_<hash>_account_<uuid>_session_<uuid>`; the account is empty if the person signs in with an API key. */
const CLAUDE_USER = /^user_.*_session_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * Returns the session, or null. `values`: the spans of `SESSION_MEMBERS`, in their order, in a body that `scanBody`
 * accepted.
 */
export function readClaimedSession(body: Buffer, values: readonly (JsonSpan | undefined)[]): string | null {
  const [metadata, cacheKey, user] = values;
  return (
    parseClaudeSession(readText(body, findUserId(body, metadata))) ?? readText(body, cacheKey) ?? readText(body, user)
  );
}

function findUserId(body: Buffer, metadata: JsonSpan | undefined): JsonSpan | undefined {
  if (metadata === undefined || body[metadata.start] !== 0x7b || metadata.end - metadata.start > MAX_BYTES)
    return undefined;
  try {
    return scanMembers(body, USER_ID, metadata.start).values[0];
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/**
 * Returns the session in Claude Code's `metadata.user_id`: a text as above, or in newer versions the text of a JSON
 * object with `session_id`.
 */
function parseClaudeSession(userId: string | null): string | null {
  if (userId === null) return null;
  if (!userId.startsWith('{')) return CLAUDE_USER.exec(userId)?.[1] ?? null;
  const value = parseJson(userId);
  const session = typeof value === 'object' && value !== null && 'session_id' in value ? value.session_id : null;
  return typeof session === 'string' && session !== '' ? session : null;
}

function readText(body: Buffer, span: JsonSpan | undefined): string | null {
  if (span === undefined || body[span.start] !== 0x22 || span.end - span.start > MAX_BYTES) return null;
  const text = parseJson(body.toString('utf8', span.start, span.end));
  return typeof text === 'string' && text.trim() !== '' ? text : null;
}

/** Returns undefined if the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
