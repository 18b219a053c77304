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
  #results = 0;
  readonly #documents = new DocumentBlocks();
  readonly #ids: ToolUseIds;

  /** @param inWords writes tool calls and results as text: AWS accepts them only if the request has tools */
  constructor(
    private readonly model: BedrockModel,
    private readonly inWords: boolean,
    private readonly dropped: Set<string>,
  ) {
    this.#ids = new ToolUseIds(model.family);
  }

  write(messages: readonly ChatMessage[]): Conversation {
    messages.forEach((message, i) => this.#message(message, `messages[${i}]`));
    return arrangeConversation({ system: this.#system, messages: this.#turns }, this.model.rules);
  }

  #message(message: ChatMessage, path: string): void {
    if (!isAbsent((message as { name?: unknown }).name)) this.dropped.add('messages[].name');
    switch (message.role) {
      case 'system':
      case 'developer':
        return this.#instructions(message, path);
      case 'user':
        return this.#say('user', this.#content(message, path));
      case 'assistant':
        return this.#assistant(message, path);
      case 'tool':
        return this.#toolResult(message, path);
      default:
        throw createUnsupportedError(`${path}.role`, 'Send system, developer, user, assistant or tool messages.');
    }
  }

  /**
   * Adds instructions. Those at the beginning become the system prompt; later ones stay in position, marked, in the
   * user's turn.
   */
  #instructions(message: SystemMessage, path: string): void {
    const blocks = this.#content(message, path);
    if (this.#turns.length === 0) this.#system.push(...blocks);
    else
      this.#say(
        'user',
        blocks.map((block) => (block.text === undefined ? block : { text: `<system>\n${block.text}\n</system>` })),
      );
  }

  #assistant(message: AssistantMessage, path: string): void {
    const said: ContentBlock[] = [];
    const reasoning = (message.reasoning_details ?? []).map(reasoningBlock);
    said.push(...reasoning.filter((block) => block !== null));
    if (reasoning.includes(null)) this.dropped.add('messages[].reasoning_details');
    if (message.reasoning_content && reasoning.every((block) => block === null))
      this.dropped.add('messages[].reasoning_content');
    if (!isAbsent(message.content)) said.push(...this.#parts(message.content as string | UserPart[], path));
    if (typeof message.refusal === 'string' && message.refusal !== '') said.push({ text: message.refusal });
    (message.tool_calls ?? []).forEach((call, i) => {
      said.push(this.#toolUse(call, `${path}.tool_calls[${i}]`));
      this.#mark(call, 'messages[].tool_calls[].cache_control', said);
    });
    this.#mark(message, MESSAGE_MARK, said);
    this.#say('assistant', said);
  }

  #toolUse(call: ToolCall, path: string): ContentBlock {
    if (!isObject(call.function)) throw createUnsupportedError(path, 'Send only function calls.');
    const input = parseCallArguments(call, path);
    const { name } = call.function;
    if (this.inWords) return { text: `<tool_call id="${call.id}" name="${name}">${getJsonText(input)}</tool_call>` };
    return { toolUse: { toolUseId: this.#ids.of(call.id), name, input } };
  }

  #toolResult(message: ToolMessage, path: string): void {
    const content = this.#content(message, path);
    const turn = this.#turn('user');
    if (this.inWords) {
      turn.push({ text: `<tool_result id="${message.tool_call_id}">` }, ...content, { text: '</tool_result>' });
      return;
    }
    // a mark follows the result and is not part of it
    const cachePoint = content.filter((block) => block.cachePoint).slice(-1);
    const parts = content.filter((block) => !block.cachePoint);
    const lifted = this.model.rules.takesMediaInResults ? [] : takeMedia(parts);
    const block = { toolResult: { toolUseId: this.#ids.of(message.tool_call_id), content: parts } };
    turn.splice(this.#results, 0, block, ...cachePoint);
    this.#results += 1 + cachePoint.length;
    if (lifted.length > 0) turn.push({ text: `From the result of the tool call ${message.tool_call_id}:` }, ...lifted);
  }

  /** Returns the content of a message. The mark of a message follows its last block. */
  #content(message: UserMessage | SystemMessage | ToolMessage, path: string): ContentBlock[] {
    const blocks = this.#parts(message.content, path);
    this.#mark(message, MESSAGE_MARK, blocks);
    return blocks;
  }

  /** Returns the parts as blocks, without empty texts, as AWS refuses them. */
  #parts(content: string | readonly UserPart[], path: string): ContentBlock[] {
    if (typeof content === 'string') return isBlank(content) ? [] : [{ text: content }];
    const blocks: ContentBlock[] = [];
    content.forEach((part, i) => {
      const at = `${path}.content[${i}]`;
      const block = this.#part(part, at);
      if (block) blocks.push(block);
      this.#mark(part, 'messages[].content[].cache_control', blocks);
    });
    return blocks;
  }

  /** Adds a mark. AWS refuses one without a block before it, and two in a row. */
  #mark(marked: object, path: string, blocks: ContentBlock[]): void {
    const cachePoint = toCachePoint(marked, this.model, this.model.caches, path, this.dropped);
    const last = blocks.at(-1);
    if (cachePoint && last && !last.cachePoint) blocks.push({ cachePoint });
  }

  #part(part: UserPart | { type: 'refusal'; refusal: string }, path: string): ContentBlock | null {
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
        return this.#documents.block(part, path);
      case 'input_audio':
        return toAudioBlock(part);
      default:
        throw createUnsupportedError(`${path}.type`, 'Send text, image_url, file or input_audio parts.');
    }
  }

  /** Adds blocks to a turn. Does not begin an empty turn, as AWS refuses it. */
  #say(role: Turn['role'], blocks: readonly ContentBlock[]): void {
    if (blocks.length > 0) this.#turn(role).push(...blocks);
  }

  #turn(role: Turn['role']): ContentBlock[] {
    const last = this.#turns.at(-1);
    if (last?.role === role) return last.content;
    const turn: Turn = { role, content: [] };
    this.#turns.push(turn);
    if (role === 'user') this.#results = 0;
    return turn.content;
  }
}

/**
 * Returns reasoning that came from Bedrock and is signed; null otherwise. Bedrock refuses reasoning text without a
 * signature.
 */
function reasoningBlock(detail: ReasoningDetail): ContentBlock | null {
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
