/**
 * Translates an Anthropic Messages request (platform.claude.com/docs/en/api/messages, both wire versions) to Chat
 * Completions.
 */
import { createHash } from 'node:crypto';
import type { ChatMessage, ChatRequest, JsonObject } from '../../../pivot/chat.js';
import { toAssistantMessage } from './assistant-turn.js';
import {
  createInvalidBodyError,
  isObject,
  readArray,
  readObject,
  readString,
  createUnsupportedError,
} from '../../../pivot/body-shape.js';
import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { DroppedMembers, readNumber } from './members.js';
import { toSystemMessage } from './system-text.js';
import { readThinking } from './thinking.js';
import { readTools } from './tools.js';
import { toUserMessages } from './user-turn.js';

const KNOWN: ReadonlySet<string> = new Set(
  `model messages system max_tokens stream temperature top_p top_k stop_sequences tools tool_choice thinking output_config
   output_format metadata mcp_servers inference_geo cache_control`.split(/\s+/),
);
const TURN_MEMBERS: ReadonlySet<string> = new Set(['role', 'content']);
const METADATA_MEMBERS: ReadonlySet<string> = new Set(['user_id']);

/** Maximum length of a user id at OpenAI. Claude Code's has some 150 characters. */
const MAX_USER_CHARS = 64;

/** Translates the request. Throws as `Translator.request` does. */
export function toChatRequest(body: JsonObject, dropped: DroppedMembers): ChatRequest {
  rejectProviderState(body);
  dropped.addOthers(body, KNOWN, '');
  const chat: ChatRequest = {
    model: readString(body['model'], 'model'),
    messages: readMessages(body, dropped),
    max_completion_tokens: readNumber(body['max_tokens'], 'max_tokens'),
  };
  if (body['stream'] === true) chat.stream = true;
  copyCacheMark(body, chat);
  for (const member of ['temperature', 'top_p', 'top_k'] as const)
    if (body[member] !== undefined && body[member] !== null) chat[member] = readNumber(body[member], member);
  const stop = readStop(body['stop_sequences']);
  if (stop) chat.stop = stop;
  const user = readUser(body['metadata'], dropped);
  if (user !== null) chat.user = user;
  return Object.assign(chat, readTools(body, dropped), readThinking(body, dropped));
}

/** Refuses members on which the caller relies and that only Anthropic's own API can honor. */
function rejectProviderState(body: JsonObject): void {
  const { mcp_servers: servers, inference_geo: geo } = body;
  if (Array.isArray(servers) && servers.length > 0)
    throw createUnsupportedError('mcp_servers', 'Connect to MCP servers in the client, and send their tools.');
  if (typeof geo === 'string' && geo !== 'global')
    throw createUnsupportedError(
      'inference_geo',
      'The provider determines the region: leave it out, and use a provider in that region.',
    );
}

function readMessages(body: JsonObject, dropped: DroppedMembers): ChatMessage[] {
  const system = toSystemMessage(body['system'], 'system', dropped);
  const messages: ChatMessage[] = system ? [system] : [];
  const list = readArray(body['messages'], 'messages');
  if (list.length === 0) throw createInvalidBodyError('messages', 'an array with at least one message');
  for (let i = 0; i < list.length; i++) {
    const path = `messages[${i}]`;
    const turn = readObject(list[i], path);
    dropped.addOthers(turn, TURN_MEMBERS, 'messages[].');
    messages.push(...readTurn(turn, path, dropped));
  }
  return messages;
}

function readTurn({ role, content }: JsonObject, path: string, dropped: DroppedMembers): ChatMessage[] {
  const at = `${path}.content`;
  if (role === 'user') return toUserMessages(content, at, dropped);
  const message =
    role === 'assistant'
      ? toAssistantMessage(content, at, dropped)
      : role === 'system'
        ? toSystemMessage(content, at, dropped)
        : undefined;
  if (message === undefined) throw createInvalidBodyError(`${path}.role`, '"user", "assistant" or "system"');
  return message === null ? [] : [message];
}

function readStop(sequences: unknown): string[] | null {
  if (sequences === undefined || sequences === null) return null;
  const stop = readArray(sequences, 'stop_sequences').map((one, i) => readString(one, `stop_sequences[${i}]`));
  return stop.length === 0 ? null : stop;
}

/**
 * Returns the user id. A long one is replaced by its SHA-256 in hexadecimal, which has just the maximum length and
 * still distinguishes users.
 */
function readUser(metadata: unknown, dropped: DroppedMembers): string | null {
  if (!isObject(metadata)) return null;
  dropped.addOthers(metadata, METADATA_MEMBERS, 'metadata.');
  const id = metadata['user_id'];
  if (typeof id !== 'string' || id === '') return null;
  return id.length <= MAX_USER_CHARS ? id : createHash('sha256').update(id).digest('hex');
}
