import type { ResponseTranslation, TranslatedStream } from './pivot/response-translation.js';
import { ResponseCallIds } from './call-ids.js';
import { markChunk, markCompletion } from './replay/response-marks.js';
import type { ChatChunk } from './pivot/chat.js';
import { restoreInChunk, restoreInCompletion } from './tool-names/chat-response.js';
import type { VendorToolNames } from './tool-names/vendor-names.js';
import type {
  ChatSink,
  ClientFormat,
  ClientStream,
  TranslationContext,
  Translator,
  VendorStream,
} from './pivot/translator.js';
import { WholeResponseStream } from './pivot/whole-response.stream.js';

export interface PivotResponseOptions {
  /** Origin with which the vendor's replay data is marked. Absent: nothing is marked. */
  origin?: string;
  /** See `VendorRequest.isWhole`. */
  isWhole?: boolean | undefined;
  /** Names that were replaced for the vendor. Null: the tools have the client's names. */
  toolNames?: VendorToolNames | null;
}

/** Response of one call, translated from the vendor's format by way of Chat to the client's format. */
export class PivotResponse implements ResponseTranslation {
  constructor(
    private readonly translator: Translator,
    private readonly clientFormat: ClientFormat,
    private readonly context: TranslationContext,
    private readonly requestId: string,
    readonly headers: readonly string[],
    private readonly options: PivotResponseOptions = {},
  ) {}

  get isWhole(): boolean {
    return this.options.isWhole ?? false;
  }

  get lost(): Iterable<string> {
    return this.context.lost ?? [];
  }

  translateResponse(body: Buffer): string {
    const completion = this.#createCallIds().replaceInCompletion(this.translator.translateResponse(body, this.context));
    const { origin, toolNames } = this.options;
    if (toolNames) restoreInCompletion(completion, toolNames);
    const marked = origin === undefined ? completion : markCompletion(completion, origin);
    return this.clientFormat.renderResponse(marked, (this.context.lost ??= new Set()));
  }

  translateError(status: number, body: Buffer, header: (name: string) => string | undefined): string {
    return this.clientFormat.renderError(this.translator.translateError(status, body, header), status, this.requestId);
  }

  createStream(): TranslatedStream {
    const callIds = this.#createCallIds();
    const { origin, toolNames } = this.options;
    const amend = (chunk: ChatChunk): ChatChunk => {
      const distinct = callIds.replaceInChunk(chunk);
      if (toolNames) restoreInChunk(distinct, toolNames);
      return origin === undefined ? distinct : markChunk(distinct, origin);
    };
    return new PivotStream(this.clientFormat, amend, (sink) =>
      this.isWhole
        ? new WholeResponseStream((body) => this.translator.translateResponse(body, this.context), sink)
        : this.translator.createStream(this.context, sink),
    );
  }

  #createCallIds(): ResponseCallIds {
    return new ResponseCallIds(this.context.id, this.clientFormat.chat.messages);
  }
}

/**
 * A comment line (WHATWG HTML §9.2.6) without the empty line that ends an event: with it, some decoders would see an
 * event without data.
 */
const KEEP_ALIVE = ': keep-alive\n';
const LF = 0x0a;

class PivotStream implements TranslatedStream {
  hasFailed = false;
  #events = '';
  readonly #client: ClientStream;
  readonly #vendor: VendorStream;

  constructor(
    clientFormat: ClientFormat,
    amend: (chunk: ChatChunk) => ChatChunk,
    vendorStream: (sink: ChatSink) => VendorStream,
  ) {
    this.#client = clientFormat.createStream((events) => (this.#events += events));
    this.#vendor = vendorStream({
      writeChunk: (chunk) => this.#client.writeChunk(amend(chunk)),
      writeError: (error) => {
        this.hasFailed = true;
        this.#client.writeError(error);
      },
    });
  }

  push(chunk: Uint8Array): string {
    this.#vendor.push(chunk);
    // The vendor is at work, but sends nothing to show (a ping, thoughts that it keeps to itself): a keep-alive
    // prevents timeouts.
    return this.#events === '' && chunk.at(-1) === LF ? KEEP_ALIVE : this.#takeEvents();
  }

  end(): string | null {
    const isComplete = this.#vendor.end();
    // the last event may be an error and end without an empty line: nothing follows it
    if (this.hasFailed) return this.#takeEvents();
    if (!isComplete) return null;
    this.#client.end();
    return this.#takeEvents();
  }

  #takeEvents(): string {
    const events = this.#events;
    this.#events = '';
    return events;
  }
}
