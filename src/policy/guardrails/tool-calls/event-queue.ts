/** Buffers the events of a stream until the calls that have begun are judged. Events pass in their order. */
import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { CallStream, EventReading, ToolCallGrammar } from '../../../providers/dialects/tool-calls/grammar.js';
import { JsonFault } from '../../../providers/json/text.js';
import { JsonObject, parseJsonTree } from '../../../providers/json/tree.js';
import { mayContainCalls, type ToolCallGuardrails } from './guardrails.js';
import { createCallsUnreadableError } from './refusal-text.js';

/** Maximum characters of the events of unfinished calls: arguments of maximum length in the smallest pieces. */
const MAX_WAITING_CHARS = 32 * 1024 * 1024;

/** Writes an event that was changed or added. `form` is the event that it replaces. */
export type RenderEvent<Form> = (event: JsonObject, form: Form) => Form;

interface Waiting<Form> {
  readonly form: Form;
  readonly write: EventReading['write'] | null;
}

export class ToolCallEventQueue<Form> {
  /** Why the stream ends with an error after the part that was shown. */
  refusal: GatewayError | null = null;
  readonly #stream: CallStream;
  #waiting: Waiting<Form>[] = [];
  #waitingChars = 0;
  #hasText = false;

  constructor(
    private readonly guardrails: ToolCallGuardrails,
    private readonly grammar: ToolCallGrammar,
    private readonly render: RenderEvent<Form>,
  ) {
    this.#stream = grammar.createStream();
  }

  /** Takes an event in its original form, with its data or null. Returns the events that may pass now. */
  push(form: Form, data: string | null): Form[] {
    if (this.refusal) return [];
    const reading = data === null ? null : this.#read(data);
    if (this.refusal) return [];
    this.#waiting.push({ form, write: reading?.write ?? null });
    this.#waitingChars += data?.length ?? 0;
    return this.#takeReady();
  }

  /** Ends the stream. Returns the events that may pass. */
  end(): Form[] {
    if (this.refusal) return [];
    this.refusal = this.guardrails.check(this.#stream.end());
    return this.#takeReady();
  }

  #read(data: string): EventReading | null {
    const isRelevant = this.#stream.isOpen || this.guardrails.hasRefusals || mayContainCalls(data, this.grammar);
    const reading = isRelevant ? this.#parseEvent(data) : null;
    if (reading) this.refusal = this.guardrails.check(reading.steps);
    this.#hasText ||= this.grammar.text.test(data);
    return reading;
  }

  #parseEvent(data: string): EventReading | null {
    try {
      const event = parseJsonTree(data);
      if (event instanceof JsonObject) return this.#stream.read(event, this.#hasText);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
    }
    // `[DONE]` and similar data pass; data that may hold a call must be readable
    if (mayContainCalls(data, this.grammar)) this.refusal = createCallsUnreadableError();
    return null;
  }

  #takeReady(): Form[] {
    if (this.#stream.isOpen && !this.refusal) {
      if (this.#waitingChars > MAX_WAITING_CHARS) this.refusal = createCallsUnreadableError();
      return [];
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingChars = 0;
    return this.refusal ? [] : waiting.flatMap((entry) => this.#renderEntry(entry));
  }

  #renderEntry({ form, write }: Waiting<Form>): Form[] {
    const events = write?.(this.guardrails.getRefusal) ?? null;
    return events === null ? [form] : events.map((event) => this.render(event, form));
  }
}
