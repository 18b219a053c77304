import type { AnswerTranslation, TranslatedStream } from './pivot/response-translation.js';
import { ResponseCallIds } from './call-ids.js';
import { markChunk, markCompletion } from './replay/response-marks.js';
import type { ChatChunk } from './pivot/chat.js';
import { restoreInChunk, restoreInCompletion } from './tool-names/chat-response.js';
import type { VendorToolNames } from './tool-names/vendor-names.js';
import type { ChatSink, Front, FrontStream, TranslationContext, Translator, VendorStream } from './pivot/translator.js';
import { WholeAnswerStream } from './pivot/whole-response.stream.js';

export interface AnswerSetting {
  /** Origin with which the vendor's replay data is marked. Absent: nothing is marked. */
  origin?: string;
  /** See `VendorRequest.isWhole`. */
  isWhole?: boolean | undefined;
  /** Names that were replaced for the vendor. Null: the tools have the client's names. */
  toolNames?: VendorToolNames | null;
}

/** Response of one call, translated from the vendor's format by way of Chat to the client's format. */
export class PivotedAnswer implements AnswerTranslation {
  constructor(
    private readonly translator: Translator,
    private readonly front: Front,
    private readonly context: TranslationContext,
    private readonly requestId: string,
    readonly headers: readonly string[],
    private readonly setting: AnswerSetting = {},
  ) {}

  get isWhole(): boolean {
    return this.setting.isWhole ?? false;
  }

  get lost(): Iterable<string> {
    return this.context.lost ?? [];
  }

  answer(body: Buffer): string {
    const completion = this.#callIds().inCompletion(this.translator.answer(body, this.context));
    const { origin, toolNames } = this.setting;
    if (toolNames) restoreInCompletion(completion, toolNames);
    const marked = origin === undefined ? completion : markCompletion(completion, origin);
    return this.front.answer(marked, (this.context.lost ??= new Set()));
  }

  error(status: number, body: Buffer, header: (name: string) => string | undefined): string {
    return this.front.error(this.translator.error(status, body, header), status, this.requestId);
  }

  stream(): TranslatedStream {
    const callIds = this.#callIds();
    const { origin, toolNames } = this.setting;
    const amended = (chunk: ChatChunk): ChatChunk => {
      const distinct = callIds.inChunk(chunk);
      if (toolNames) restoreInChunk(distinct, toolNames);
      return origin === undefined ? distinct : markChunk(distinct, origin);
    };
    return new PivotedStream(this.front, amended, (sink) =>
      this.isWhole
        ? new WholeAnswerStream((body) => this.translator.answer(body, this.context), sink)
        : this.translator.stream(this.context, sink),
    );
  }

  #callIds(): ResponseCallIds {
    return new ResponseCallIds(this.context.id, this.front.chat.messages);
  }
}

/**
 * A comment line (WHATWG HTML §9.2.6) without the empty line that ends an event: with it, some decoders would see an
 * event without data.
 */
const SIGN_OF_LIFE = ': keep-alive\n';
const LF = 0x0a;

class PivotedStream implements TranslatedStream {
  failed = false;
  #events = '';
  readonly #front: FrontStream;
  readonly #vendor: VendorStream;

  constructor(front: Front, amended: (chunk: ChatChunk) => ChatChunk, vendorStream: (sink: ChatSink) => VendorStream) {
    this.#front = front.stream((events) => (this.#events += events));
    this.#vendor = vendorStream({
      chunk: (chunk) => this.#front.chunk(amended(chunk)),
      error: (error) => {
        this.failed = true;
        this.#front.error(error);
      },
    });
  }

  push(chunk: Uint8Array): string {
    this.#vendor.push(chunk);
    // The vendor is at work, but sends nothing to show (a ping, thoughts that it keeps to itself): a keep-alive
    // prevents timeouts.
    return this.#events === '' && chunk.at(-1) === LF ? SIGN_OF_LIFE : this.#taken();
  }

  end(): string | null {
    const isWhole = this.#vendor.end();
    // the last event may be an error and end without an empty line: nothing follows it
    if (this.failed) return this.#taken();
    if (!isWhole) return null;
    this.#front.end();
    return this.#taken();
  }

  #taken(): string {
    const events = this.#events;
    this.#events = '';
    return events;
  }
}
