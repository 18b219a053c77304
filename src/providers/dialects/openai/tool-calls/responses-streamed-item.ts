/** Call of a streamed response, assembled from the events of its item. */
import { JsonFault } from '../../../json/text.js';
import { JsonObject, parseJsonTree, toJsonNode, writeJsonTree } from '../../../json/tree.js';
import { InputText } from '../../tool-calls/input-text.js';
import { findInputMember, isExecutedItem, readItemInput, readItemNames } from './responses-items.js';
import type { CallInput, ToolCall } from '../../tool-calls/grammar.js';

export class StreamedItem implements ToolCall {
  readonly kind = 'call';
  readonly deltas = new InputText();
  /** Arguments that events have stated as a whole. */
  readonly #statedTexts = new Set<string>();
  isJudged = false;

  /** `item`: as it was added; null if its events came without it. */
  constructor(
    readonly pointer: string,
    public item: JsonObject | null,
  ) {}

  get names(): readonly string[] {
    return this.item ? readItemNames(this.item) : [];
  }

  get isExecuted(): boolean {
    return this.item !== null && isExecutedItem(this.item);
  }

  /** Input of the call. Deltas, events and the item must agree: clients differ in which of them they use. */
  get input(): CallInput {
    const { item, deltas } = this;
    if (deltas.fault) return { kind: 'fault', fault: deltas.fault };
    const member = item && findInputMember(item);
    if (!item || !member) return item ? readItemInput(item) : { kind: 'fault', fault: 'unreadable' };
    const own = item.getText(member) ?? '';
    const texts = [...new Set([deltas.text, ...this.#statedTexts, own].filter((text) => text !== ''))];
    if (new Set(texts.map(canonicalize)).size > 1) return { kind: 'fault', fault: 'split' };
    const text = texts[0] ?? '';
    if (member === 'input') return { kind: 'text', text };
    if (member === 'code') return readItemInput(copyWithMember(item, member, text));
    return own === '' && item.isSet(member) && texts.length === 0 ? readItemInput(item) : { kind: 'json', text };
  }

  fail(): void {
    this.deltas.fail('split');
  }

  addStatedText(text: string): void {
    this.#statedTexts.add(text);
  }

  /** Sets the completed item. A name that differs from before is a fault. */
  setItem(item: JsonObject): void {
    const before = this.item;
    const isOther =
      before !== null && readItemNames(before).length > 0 && readItemNames(before)[0] !== readItemNames(item)[0];
    if (isOther) this.fail();
    this.item = item;
  }

  /** Whether a repeated item is this one. */
  isOf(item: JsonObject): boolean {
    const isSame = (member: string): boolean =>
      item.getText(member) !== undefined && item.getText(member) === this.item?.getText(member);
    return isSame('id') || isSame('call_id');
  }

  /** Whether a repeated item has the same content as this one. */
  isLike(item: JsonObject): boolean {
    return (
      this.deltas.fault === null &&
      readItemNames(item).join('\n') === this.names.join('\n') &&
      toComparableText(readItemInput(item)) === toComparableText(this.input)
    );
  }
}

function toComparableText(input: CallInput): string {
  if (input.kind === 'fault') return '';
  return input.kind === 'tree' ? writeJsonTree(input.value) : canonicalize(input.text);
}

/** Returns the text without insignificant white space; unchanged if it is not JSON. */
function canonicalize(text: string): string {
  try {
    return writeJsonTree(parseJsonTree(text));
  } catch (error) {
    if (error instanceof JsonFault) return text;
    throw error;
  }
}

function copyWithMember(item: JsonObject, name: string, text: string): JsonObject {
  const copy = new JsonObject(item.members.map((member) => ({ ...member })));
  copy.set(name, toJsonNode(text));
  return copy;
}
