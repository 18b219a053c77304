import type { ChatDelta, ReasoningDetail } from '../../../pivot/chat.js';
import type { BlockWriter } from './block-writer.js';
import {
  getRedactedData,
  type ReplayEnvelope,
  sealEnvelope,
  getSignature,
  getText,
  addText,
  removeText,
} from '../../../replay/messages-envelope.js';

type Signed = NonNullable<ReplayEnvelope['detail']>;

/**
 * Writes the reasoning of a stream. Vendors send its text as `reasoning_content`, or inside the details, or both. A
 * detail's text comes in deltas or whole at its end, and its signature with the last of them. A block is shown as it
 * arrives, and ends with its signature or when another block begins. Where the client does not want to see reasoning,
 * it is kept until a tool is called: only then does the vendor need it again.
 */
export class ThinkingStream {
  #isOpen = false;
  #openText = '';
  /** Detail of the open block, as far as it has arrived. */
  #detail: Signed | null = null;
  #hasContent = false;
  readonly #hidden: string[] = [];

  constructor(
    private readonly blocks: BlockWriter,
    private readonly isShown: boolean,
    private readonly origin?: string,
  ) {}

  take(delta: ChatDelta): void {
    const { reasoning_content: content, reasoning_details: details } = delta;
    if (content) {
      if (details?.some((detail) => detail.type !== 'reasoning.encrypted' && this.#isOther(detail))) this.end();
      this.#hasContent = true;
      this.#show(content);
    }
    if (details) for (const detail of details) this.#takeDetail(detail, Boolean(content));
  }

  /** Ends the open block, as another one begins. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.isShown) this.blocks.writeSignature(getSignature(this.#detail, this.origin));
    else
      this.#hidden.push(
        sealEnvelope(
          this.#detail
            ? { detail: addText(this.#detail, this.#openText) }
            : { from: this.origin, text: this.#openText },
        ),
      );
    this.#detail = null;
    this.#openText = '';
  }

  /** Writes the kept reasoning before a tool call. */
  release(): void {
    for (const data of this.#hidden.splice(0)) this.blocks.writeRedacted(data);
  }

  #show(text: string): void {
    this.#isOpen = true;
    if (this.isShown) this.blocks.writeThinking(text);
    else this.#openText += text;
  }

  #takeDetail(detail: ReasoningDetail, isWithContent: boolean): void {
    if (detail.type === 'reasoning.encrypted') {
      this.end();
      this.#writeRedacted(detail);
      return;
    }
    const text = getText(detail);
    // the text of the whole block again, which was already sent as `reasoning_content` and is closed: there is nothing
    // left to sign
    if (!this.#isOpen && this.#hasContent && !isWithContent && text !== '') return this.#writeRedacted(detail);
    if (this.#isOpen && this.#isOther(detail)) this.end();
    this.#show(this.#hasContent ? '' : text);
    this.#detail = { ...this.#detail, ...removeText(detail) };
    if (detail.type === 'reasoning.text' && detail.signature) this.end();
  }

  /** Whether the detail starts another block: numbered summaries and texts are separate blocks. */
  #isOther(detail: ReasoningDetail): boolean {
    const open = this.#detail;
    return open !== null && (open.type !== detail.type || open.index !== detail.index || open.id !== detail.id);
  }

  #writeRedacted(detail: ReasoningDetail): void {
    if (this.isShown) this.blocks.writeRedactedDetail(detail);
    else this.#hidden.push(getRedactedData(detail));
  }
}
