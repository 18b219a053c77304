import { getJsonText } from '../../../../providers/json/exact.js';
import { readMarkedId } from '../../../../providers/replay/marks.js';
import type { AssistantMessage, JsonObject, ReasoningDetail, TextPart, ToolCall } from '../../../pivot/chat.js';
import {
  ANTHROPIC_FORMAT,
  isEnvelope,
  openEnvelope,
  type ReplayEnvelope,
  getText,
  addText,
} from '../../../replay/messages-envelope.js';
import { readString, createUnsupportedError } from '../../../pivot/body-shape.js';
import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { readBlocks, type DroppedMembers, simplifyContent } from './members.js';

const KNOWN: ReadonlySet<string> = new Set([
  'type',
  'text',
  'id',
  'name',
  'input',
  'thinking',
  'signature',
  'data',
  'content',
  'cache_control',
]);

/** Blocks of tools that Anthropic's servers ran in earlier turns. The text after them contains their findings. */
const SERVER_BLOCK = /^(?:server_tool_use|mcp_tool_use|container_upload|\w+_tool_result)$/;

/**
 * Returns one turn of the assistant, with the replay data that its vendor requires. Null when nothing of it can be
 * kept.
 */
export function toAssistantMessage(content: unknown, path: string, dropped: DroppedMembers): AssistantMessage | null {
  const turn = new AssistantTurn(dropped);
  readBlocks(content, path).forEach(({ block, path: at }, i) => turn.take(block, i, at));
  return turn.build();
}

class AssistantTurn {
  readonly #texts: TextPart[] = [];
  readonly #calls: ToolCall[] = [];
  readonly #details: ReasoningDetail[] = [];
  readonly #extras = new Map<string, ToolCall['extra_content']>();
  #shownReasoning = '';
  #hiddenReasoning = '';
  #origin: string | undefined;

  constructor(private readonly dropped: DroppedMembers) {}

  /** `index`: position of the block among all, so that Claude receives its thinking between the same blocks again. */
  take(block: JsonObject, index: number, path: string): void {
    const type = String(block['type']);
    if (SERVER_BLOCK.test(type)) return this.dropped.add(`content[].${type}`);
    this.dropped.addOthers(block, KNOWN, 'content[].');
    switch (type) {
      case 'text':
        return this.#addText(readString(block['text'], `${path}.text`), block);
      // a summary that replaces the turns before it
      case 'compaction':
        return this.#addText(readString(block['content'] ?? '', `${path}.content`), block);
      case 'tool_use':
        return this.#addCall(block, path);
      case 'thinking':
        return this.#addThinking(readString(block['thinking'] ?? '', `${path}.thinking`), block['signature'], index);
      case 'redacted_thinking':
        return this.#addReplay(readString(block['data'], `${path}.data`), index);
      default:
        throw createUnsupportedError(
          path,
          `A block of type ${JSON.stringify(block['type'])} in an assistant's turn is specific to Anthropic: leave it out.`,
        );
    }
  }

  build(): AssistantMessage | null {
    const [texts, calls, details] = [this.#texts, this.#calls, this.#details];
    if (
      texts.length + calls.length + details.length === 0 &&
      this.#shownReasoning === '' &&
      this.#hiddenReasoning === ''
    )
      return null;
    for (const call of calls) {
      const extra = this.#extras.get(call.id);
      if (extra) call.extra_content = extra;
    }
    const reasoning = this.#shownReasoning === '' ? this.#hiddenReasoning : this.#shownReasoning;
    return {
      role: 'assistant',
      content: texts.length === 0 ? null : simplifyContent(texts),
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(this.#origin === undefined ? {} : { reasoning_from: this.#origin }),
      ...(details.length === 0 ? {} : { reasoning_details: details }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
  }

  #addText(text: string, block: JsonObject): void {
    if (text !== '') this.#texts.push(copyCacheMark(block, { type: 'text', text }));
  }

  #addCall(block: JsonObject, path: string): void {
    const called = { name: readString(block['name'], `${path}.name`), arguments: getJsonText(block['input'] ?? {}) };
    const id = readString(block['id'], `${path}.id`);
    this.#calls.push(copyCacheMark(block, { id, type: 'function', function: called }));
  }

  /**
   * Takes a thinking block, signed by Anthropic, or by the gateway for another vendor. Without a signature it is text
   * without replay data.
   */
  #addThinking(text: string, signature: unknown, index: number): void {
    this.#shownReasoning += text;
    if (typeof signature !== 'string' || signature === '') return;
    if (!isEnvelope(signature)) {
      this.#details.push({ type: 'reasoning.text', text, signature, format: ANTHROPIC_FORMAT, index });
      return;
    }
    const detail = this.#openEnvelope(signature)?.detail;
    if (detail) this.#details.push(addText(detail, text));
  }

  #addReplay(data: string, index: number): void {
    if (!isEnvelope(data)) {
      this.#details.push({ type: 'reasoning.encrypted', data, format: ANTHROPIC_FORMAT, index });
      return;
    }
    const envelope = this.#openEnvelope(data);
    if (envelope?.call) this.#extras.set(envelope.call.id, envelope.call.extra_content);
    if (envelope?.text) this.#hiddenReasoning += envelope.text;
    if (!envelope?.detail) return;
    const detail = envelope.detail as ReasoningDetail;
    this.#hiddenReasoning += getText(detail);
    this.#details.push(detail);
  }

  #openEnvelope(sealed: string): ReplayEnvelope | null {
    const envelope = openEnvelope(sealed);
    if (!envelope) this.dropped.add('content[].signature');
    this.#origin ??= envelope?.from ?? readMarkedId(envelope?.detail?.id)?.origin;
    return envelope;
  }
}
