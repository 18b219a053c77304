/** A `fetch` behind which a front responds from a script: real clients run against it without a network. */
import type { ChatCompletion, JsonObject } from '../../../src/translation/pivot/chat.js';
import type { ChatError, ClientFormat } from '../../../src/translation/pivot/translator.js';
import { completionOf, type ScriptedChunk, streamedText } from './responses-golden.js';

export interface Scripted {
  chunks?: ScriptedChunk[];
  error?: ChatError;
  answer?: Partial<ChatCompletion>;
}

export class ClientFormatFetch {
  /** The created fronts, one per request. */
  readonly clientFormats: ClientFormat[] = [];
  readonly bodies: JsonObject[] = [];
  readonly #script: Scripted[];

  constructor(
    private readonly frontOf: (body: JsonObject) => ClientFormat,
    ...script: Scripted[]
  ) {
    this.#script = script;
  }

  readonly fetch = async (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const body = JSON.parse(init!.body as string) as JsonObject;
    const front = this.frontOf(body);
    this.bodies.push(body);
    this.clientFormats.push(front);
    const { answer, chunks = [], error } = this.#script.shift()!;
    if (answer) return answered(front.renderResponse(completionOf(answer)), 'application/json');
    return answered(streamedText(front, chunks, error), 'text/event-stream');
  };
}

const answered = (text: string, type: string): Response => new Response(text, { headers: { 'content-type': type } });
