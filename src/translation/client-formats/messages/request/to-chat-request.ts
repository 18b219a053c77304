/**
 * Translates an Anthropic Messages request (platform.claude.com/docs/en/api/messages, both wire versions) to Chat
 * Completions.
 */
import { createHash } from 'node:crypto';
import type { ChatMessage, ChatRequest, JsonObject } from '../../../pivot/chat.js';
import { assistantTurn } from './assistant-turn.js';
import { invalid, isObject, arrayAt, objectAt, stringAt, unsupported } from '../../../pivot/body-shape.js';
import { withCache } from '../../../pivot/cache-marks.js';
import { DroppedMembers, numberAt } from './members.js';
import { systemMessage } from './system-text.js';
import { thinkingMembers } from './thinking.js';
import { toolMembers } from './tools.js';
import { userTurn } from './user-turn.js';

const KNOWN: ReadonlySet<string> = new Set(
  `model messages system max_tokens stream temperature top_p top_k stop_sequences tools tool_choice thinking output_config
   output_format metadata mcp_servers inference_geo cache_control`.split(/\s+/),
);
const TURN_MEMBERS: ReadonlySet<string> = new Set(['role', 'content']);
const METADATA_MEMBERS: ReadonlySet<string> = new Set(['user_id']);

/** Maximum length of a user id at OpenAI. Claude Code's has some 150 characters. */
const MAX_USER_CHARS = 64;

/** Translates the request. Throws as `Translator.request` does. */
export function chatOf(body: JsonObject, dropped: DroppedMembers): ChatRequest {
  refuseWhatBindsAnthropic(body);
  dropped.nameOthers(body, KNOWN, '');
  const chat: ChatRequest = {
    model: stringAt(body['model'], 'model'),
    messages: turns(body, dropped),
    max_completion_tokens: numberAt(body['max_tokens'], 'max_tokens'),
  };
  if (body['stream'] === true) chat.stream = true;
  withCache(body, chat);
  for (const member of ['temperature', 'top_p', 'top_k'] as const)
    if (body[member] !== undefined && body[member] !== null) chat[member] = numberAt(body[member], member);
  const stop = stopOf(body['stop_sequences']);
  if (stop) chat.stop = stop;
  const user = userOf(body['metadata'], dropped);
  if (user !== null) chat.user = user;
  return Object.assign(chat, toolMembers(body, dropped), thinkingMembers(body, dropped));
}

/** Refuses members on which the caller relies and that only Anthropic's own API can honor. */
function refuseWhatBindsAnthropic(body: JsonObject): void {
  const { mcp_servers: servers, inference_geo: geo } = body;
  if (Array.isArray(servers) && servers.length > 0)
    throw unsupported('mcp_servers', 'Connect to MCP servers in the client, and send their tools.');
  if (typeof geo === 'string' && geo !== 'global')
    throw unsupported(
      'inference_geo',
      'Where a model runs is set with its provider: leave it out, and use a provider in that region.',
    );
}

function turns(body: JsonObject, dropped: DroppedMembers): ChatMessage[] {
  const system = systemMessage(body['system'], 'system', dropped);
  const messages: ChatMessage[] = system ? [system] : [];
  const list = arrayAt(body['messages'], 'messages');
  if (list.length === 0) throw invalid('messages', 'an array with at least one message');
  for (let i = 0; i < list.length; i++) {
    const path = `messages[${i}]`;
    const turn = objectAt(list[i], path);
    dropped.nameOthers(turn, TURN_MEMBERS, 'messages[].');
    messages.push(...turnOf(turn, path, dropped));
  }
  return messages;
}

function turnOf({ role, content }: JsonObject, path: string, dropped: DroppedMembers): ChatMessage[] {
  const at = `${path}.content`;
  if (role === 'user') return userTurn(content, at, dropped);
  const message =
    role === 'assistant'
      ? assistantTurn(content, at, dropped)
      : role === 'system'
        ? systemMessage(content, at, dropped)
        : undefined;
  if (message === undefined) throw invalid(`${path}.role`, '"user", "assistant" or "system"');
  return message === null ? [] : [message];
}

function stopOf(sequences: unknown): string[] | null {
  if (sequences === undefined || sequences === null) return null;
  const stop = arrayAt(sequences, 'stop_sequences').map((one, i) => stringAt(one, `stop_sequences[${i}]`));
  return stop.length === 0 ? null : stop;
}

/**
 * Returns the user id. A long one is replaced by its SHA-256 in hexadecimal, which has just the maximum length and
 * still distinguishes users.
 */
function userOf(metadata: unknown, dropped: DroppedMembers): string | null {
  if (!isObject(metadata)) return null;
  dropped.nameOthers(metadata, METADATA_MEMBERS, 'metadata.');
  const id = metadata['user_id'];
  if (typeof id !== 'string' || id === '') return null;
  return id.length <= MAX_USER_CHARS ? id : createHash('sha256').update(id).digest('hex');
}
