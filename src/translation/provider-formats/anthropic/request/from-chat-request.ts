import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { TranslationContext } from '../../../pivot/translator.js';
import { toOutputFormat } from './output-format.js';
import { type ClaudeModel, findClaudeModel } from '../claude-models.js';
import { checkMembers } from './members.js';
import { isThinking } from '../reasoning-replay.js';
import { getMaxTokens, buildSampling, buildStopSequences } from './sampling.js';
import { buildThinking, type Thinking } from './thinking.js';
import { buildToolUse } from './tools.js';
import { toConversation, type Turn } from './turns.js';

/** Makes the vendor drop thinking whose context was edited, instead of refusing the request. */
const BINDING_BETA = 'thinking-binding-controls-2026-08-01';

export interface MessagesRequest {
  /** Everything except `model`, which some platforms have in the path. */
  body: JsonObject;
  /** Values of `anthropic-beta` that the body needs: a header at Anthropic, a member `anthropic_beta` elsewhere. */
  betas: string[];
  dropped: string[];
}

/**
 * Converts a Chat request to the Messages API, for each of its platforms (Anthropic, Vertex). Throws as
 * `Translator.request` does.
 */
export function toMessagesRequest(chat: ChatRequest, { model, streaming }: TranslationContext): MessagesRequest {
  const dropped = new Set<string>();
  const claude = findClaudeModel(model);
  checkMembers(chat, dropped);
  const { system, turns } = toConversation(chat.messages, dropped);
  const { format, tool, instruction } = toOutputFormat(chat, claude, dropped);
  if (instruction) system.push({ type: 'text', text: instruction });
  const tools = buildToolUse(chat, claude, turns, tool, dropped);
  const maxTokens = getMaxTokens(chat, claude, dropped);
  const thinking = buildThinking(chat, claude, { maxTokens, isToolForced: tools.isForced, turns }, dropped);
  const betas = allowEditedPast(thinking, claude, turns);
  if (tools.request) appendRequest(turns, tools.request);
  const body: JsonObject = {
    max_tokens: maxTokens,
    ...(system.length > 0 ? { system } : {}),
    messages: turns,
    ...tools.members,
    ...(thinking.thinking ? { thinking: thinking.thinking } : {}),
    ...buildOutputConfig(format, thinking),
    ...buildSampling(chat, claude, thinking.isOn, dropped),
    ...buildStopSequences(chat, dropped),
    ...buildMetadata(chat, dropped),
    ...(chat['cache_control'] ? { cache_control: chat['cache_control'] } : {}),
    ...(streaming ? { stream: true } : {}),
  };
  return { body, betas, dropped: [...dropped] };
}

function buildOutputConfig(format: JsonObject | null, { effort }: Thinking): JsonObject {
  if (!format && !effort) return {};
  return { output_config: { ...(effort ? { effort } : {}), ...(format ? { format } : {}) } };
}

/**
 * Allows replayed thinking in an edited conversation. Chat clients shorten and rewrite earlier messages, and Chat does
 * not record where a text was split into blocks. Later models refuse thinking that comes back after such a change
 * (platform.claude.com/docs/en/build-with-claude/preserved-thinking). With thinking off they have no option to allow
 * it, but do not need the thinking either, so it is removed.
 */
function allowEditedPast(thinking: Thinking, claude: ClaudeModel, turns: Turn[]): string[] {
  const type = thinking.thinking?.['type'] ?? (claude.thinking === 'budget' ? 'disabled' : 'adaptive');
  if (type === 'disabled') removeThinking(claude.bindsThinking ? turns : turns.slice(-1));
  if (!claude.bindsThinking || type !== 'adaptive') return [];
  if (!turns.some(({ content }) => content.some(isThinking))) return [];
  thinking.thinking = { ...thinking.thinking, type, block_binding: { prefix_mismatch_behavior: 'drop_block' } };
  return [BINDING_BETA];
}

/** Removes thinking from turns. With thinking off, an assistant turn to be continued may not contain any either. */
function removeThinking(turns: readonly Turn[]): void {
  for (const turn of turns) turn.content = turn.content.filter((block) => !isThinking(block));
}

/** Appends a request at the end, where it changes nothing that the vendor has cached or bound. */
function appendRequest(turns: Turn[], text: string): void {
  const last = turns.at(-1);
  if (last?.role === 'user') last.content.push({ type: 'text', text });
  else turns.push({ role: 'user', content: [{ type: 'text', text }] });
}

/** Leaves out a `user` that looks like an email address, as the vendor refuses it. */
function buildMetadata({ user }: ChatRequest, dropped: Set<string>): JsonObject {
  if (typeof user !== 'string' || user === '') return {};
  if (!user.includes('@') && user.length <= 256) return { metadata: { user_id: user } };
  dropped.add('user');
  return {};
}
