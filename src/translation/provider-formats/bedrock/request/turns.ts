/**
 * Converts Chat messages to Converse's `system` and `messages`: turns alternate, and a turn's tool results come first.
 */
import { getJsonText } from '../../../../providers/json/exact.js';
import { isAbsent, isObject, createUnsupportedError } from '../../../pivot/body-shape.js';
import type {
  AssistantMessage,
  ChatMessage,
  ReasoningDetail,
  SystemMessage,
  ToolCall,
  ToolMessage,
  UserMessage,
  UserPart,
} from '../../../pivot/chat.js';
import { toAudioBlock, DocumentBlocks, toImageBlock } from './media-blocks.js';
import { arrangeConversation, type Conversation } from './arrangement.js';
import { toCachePoint } from './caching.js';
import type { BedrockModel } from '../models.js';
import { parseCallArguments, ToolUseIds } from './tool-ids.js';
import { type ContentBlock, REASONING_FORMAT, type Turn } from '../wire.js';

const MESSAGE_MARK = 'messages[].cache_control';

export class ConversationWriter {
  readonly #system: ContentBlock[] = [];
  readonly #turns: Turn[] = [];
  /** Number of tool results at the beginning of the last user turn. */
  #resultCount = 0;
  readonly #documents = new DocumentBlocks();
  readonly #ids: ToolUseIds;

  /** @param asText writes tool calls and results as text: AWS accepts them only if the request has tools */
  constructor(
    private readonly model: BedrockModel,
    private readonly asText: boolean,
    private readonly dropped: Set<string>,
  ) {
    this.#ids = new ToolUseIds(model.family);
  }

  write(messages: readonly ChatMessage[]): Conversation {
    messages.forEach((message, i) => this.#addMessage(message, `messages[${i}]`));
    return arrangeConversation({ system: this.#system, messages: this.#turns }, this.model.rules);
  }

  #addMessage(message: ChatMessage, path: string): void {
    if (!isAbsent((message as { name?: unknown }).name)) this.dropped.add('messages[].name');
    switch (message.role) {
      case 'system':
      case 'developer':
        return this.#addInstructions(message, path);
      case 'user':
        return this.#addBlocks('user', this.#toBlocks(message, path));
      case 'assistant':
        return this.#addAssistantMessage(message, path);
      case 'tool':
        return this.#addToolResult(message, path);
      default:
        throw createUnsupportedError(`${path}.role`, 'Send system, developer, user, assistant or tool messages.');
    }
  }

  /**
   * Adds instructions. Those at the beginning become the system prompt; later ones stay in position, marked, in the
   * user's turn.
   */
  #addInstructions(message: SystemMessage, path: string): void {
    const blocks = this.#toBlocks(message, path);
    if (this.#turns.length === 0) this.#system.push(...blocks);
    else
      this.#addBlocks(
        'user',
        blocks.map((block) => (block.text === undefined ? block : { text: `<system>\n${block.text}\n</system>` })),
      );
  }

  #addAssistantMessage(message: AssistantMessage, path: string): void {
    const blocks: ContentBlock[] = [];
    const reasoning = (message.reasoning_details ?? []).map(toReasoningBlock);
    blocks.push(...reasoning.filter((block) => block !== null));
    if (reasoning.includes(null)) this.dropped.add('messages[].reasoning_details');
    if (message.reasoning_content && reasoning.every((block) => block === null))
      this.dropped.add('messages[].reasoning_content');
    if (!isAbsent(message.content)) blocks.push(...this.#toPartBlocks(message.content as string | UserPart[], path));
    if (typeof message.refusal === 'string' && message.refusal !== '') blocks.push({ text: message.refusal });
    (message.tool_calls ?? []).forEach((call, i) => {
      blocks.push(this.#toToolUse(call, `${path}.tool_calls[${i}]`));
      this.#addCachePoint(call, 'messages[].tool_calls[].cache_control', blocks);
    });
    this.#addCachePoint(message, MESSAGE_MARK, blocks);
    this.#addBlocks('assistant', blocks);
  }

  #toToolUse(call: ToolCall, path: string): ContentBlock {
    if (!isObject(call.function)) throw createUnsupportedError(path, 'Send only function calls.');
    const input = parseCallArguments(call, path);
    const { name } = call.function;
    if (this.asText) return { text: `<tool_call id="${call.id}" name="${name}">${getJsonText(input)}</tool_call>` };
    return { toolUse: { toolUseId: this.#ids.get(call.id), name, input } };
  }

  #addToolResult(message: ToolMessage, path: string): void {
    const content = this.#toBlocks(message, path);
    const turn = this.#getTurn('user');
    if (this.asText) {
      turn.push({ text: `<tool_result id="${message.tool_call_id}">` }, ...content, { text: '</tool_result>' });
      return;
    }
    // a mark follows the result and is not part of it
    const cachePoint = content.filter((block) => block.cachePoint).slice(-1);
    const parts = content.filter((block) => !block.cachePoint);
    const media = this.model.rules.takesMediaInResults ? [] : takeMedia(parts);
    const block = { toolResult: { toolUseId: this.#ids.get(message.tool_call_id), content: parts } };
    turn.splice(this.#resultCount, 0, block, ...cachePoint);
    this.#resultCount += 1 + cachePoint.length;
    if (media.length > 0) turn.push({ text: `From the result of the tool call ${message.tool_call_id}:` }, ...media);
  }

  /** Returns the content of a message. The mark of a message follows its last block. */
  #toBlocks(message: UserMessage | SystemMessage | ToolMessage, path: string): ContentBlock[] {
    const blocks = this.#toPartBlocks(message.content, path);
    this.#addCachePoint(message, MESSAGE_MARK, blocks);
    return blocks;
  }

  /** Returns the parts as blocks, without empty texts, as AWS refuses them. */
  #toPartBlocks(content: string | readonly UserPart[], path: string): ContentBlock[] {
    if (typeof content === 'string') return isBlank(content) ? [] : [{ text: content }];
    const blocks: ContentBlock[] = [];
    content.forEach((part, i) => {
      const at = `${path}.content[${i}]`;
      const block = this.#toPartBlock(part, at);
      if (block) blocks.push(block);
      this.#addCachePoint(part, 'messages[].content[].cache_control', blocks);
    });
    return blocks;
  }

  /** Adds a mark. AWS refuses one without a block before it, and two in a row. */
  #addCachePoint(marked: object, path: string, blocks: ContentBlock[]): void {
    const cachePoint = toCachePoint(marked, this.model, this.model.caches, path, this.dropped);
    const last = blocks.at(-1);
    if (cachePoint && last && !last.cachePoint) blocks.push({ cachePoint });
  }

  #toPartBlock(part: UserPart | { type: 'refusal'; refusal: string }, path: string): ContentBlock | null {
    switch (part.type) {
      case 'text':
        return isBlank(part.text) ? null : { text: part.text };
      case 'refusal':
        return isBlank(part.refusal) ? null : { text: part.refusal };
      case 'image_url': {
        const { detail } = part.image_url;
        if (!isAbsent(detail) && detail !== 'auto') this.dropped.add('messages[].content[].image_url.detail');
        return toImageBlock(part, path);
      }
      case 'file':
        return this.#documents.toBlock(part, path);
      case 'input_audio':
        return toAudioBlock(part);
      default:
        throw createUnsupportedError(`${path}.type`, 'Send text, image_url, file or input_audio parts.');
    }
  }

  /** Adds blocks to a turn. Does not begin an empty turn, as AWS refuses it. */
  #addBlocks(role: Turn['role'], blocks: readonly ContentBlock[]): void {
    if (blocks.length > 0) this.#getTurn(role).push(...blocks);
  }

  #getTurn(role: Turn['role']): ContentBlock[] {
    const last = this.#turns.at(-1);
    if (last?.role === role) return last.content;
    const turn: Turn = { role, content: [] };
    this.#turns.push(turn);
    if (role === 'user') this.#resultCount = 0;
    return turn.content;
  }
}

/**
 * Returns reasoning that came from Bedrock and is signed; null otherwise. Bedrock refuses reasoning text without a
 * signature.
 */
function toReasoningBlock(detail: ReasoningDetail): ContentBlock | null {
  if (detail.format !== REASONING_FORMAT) return null;
  if (detail.type === 'reasoning.encrypted') return { reasoningContent: { redactedContent: detail.data } };
  if (detail.type !== 'reasoning.text' || !detail.signature) return null;
  return { reasoningContent: { reasoningText: { text: detail.text, signature: detail.signature } } };
}

/**
 * Removes all parts except text from a result and returns them. If no text remains, a placeholder says that the result
 * follows.
 */
function takeMedia(content: ContentBlock[]): ContentBlock[] {
  const media = content.filter(({ text }) => text === undefined);
  if (media.length === 0) return media;
  const texts = content.filter(({ text }) => text !== undefined);
  content.splice(0, content.length, ...(texts.length > 0 ? texts : [{ text: 'The result follows.' }]));
  return media;
}

const isBlank = (text: string): boolean => text.trim() === '';
