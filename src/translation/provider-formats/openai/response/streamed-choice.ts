import { isObject } from '../../../pivot/body-shape.js';
import type { ChatDelta, ChunkChoice, JsonObject } from '../../../pivot/chat.js';
import { CallStream } from './call-stream.js';
import { toFinishReason } from './finish-reasons.js';
import { readReasoningDetails } from './to-chat-response.js';
import { readContentRuns, readReasoning } from './content.js';
import { readAddress, readAnnotations, type UrlAnnotation } from './sources.js';

/**
 * Converts the chunks of one streamed choice to OpenAI's form. Holds the finish reason back until the end of the
 * stream, as some servers name sources after it.
 */
export class StreamedChoice {
  #ending: (JsonObject & { finish_reason: unknown }) | null = null;
  readonly #calls = new CallStream();
  readonly #citedUrls = new Set<unknown>();

  constructor(
    private readonly index: number,
    private readonly lost: Set<string>,
  ) {}

  get hasFinished(): boolean {
    return this.#ending !== null;
  }

  take(choice: JsonObject): ChunkChoice[] {
    const { delta, finish_reason: reason, logprobs, index: _, ...others } = choice;
    if (reason) this.#ending = { ...others, finish_reason: reason };
    const chunks = this.#toDeltas(isObject(delta) ? delta : {}).map((one) => this.#toChunk(one));
    if (chunks[0] && isObject(logprobs)) chunks[0].logprobs = logprobs;
    return chunks;
  }

  /** @param sources the sources that the stream named beside its choices */
  end(sources: readonly UrlAnnotation[]): ChunkChoice[] {
    const chunks = this.#buildLastDeltas(sources).map((delta) => this.#toChunk(delta));
    if (!this.#ending) return chunks;
    const { finish_reason: reason, ...others } = this.#ending;
    return [
      ...chunks,
      { ...others, ...this.#toChunk({}), finish_reason: toFinishReason(reason, this.#calls.hasCalls) },
    ];
  }

  #buildLastDeltas(sources: readonly UrlAnnotation[]): ChatDelta[] {
    const calls = this.#calls.end();
    const annotations = sources.filter((source) => !this.#citedUrls.has(readAddress(source)));
    for (const annotation of annotations) this.#citedUrls.add(readAddress(annotation));
    return [...(annotations.length > 0 ? [{ annotations }] : []), ...(calls.length > 0 ? [{ tool_calls: calls }] : [])];
  }

  #toDeltas(vendorDelta: JsonObject): ChatDelta[] {
    const { content, reasoning: _, reasoning_content: _content, tool_calls: toolCalls, ...others } = vendorDelta;
    const first: ChatDelta = { ...(others as ChatDelta) };
    for (const name of ['role', 'refusal'] as const)
      if (typeof first[name] !== 'string' || first[name] === '') delete first[name];
    const details = readReasoningDetails(vendorDelta['reasoning_details']);
    const annotations = readAnnotations(vendorDelta['annotations']);
    for (const annotation of annotations) this.#citedUrls.add(readAddress(annotation));
    setOrDelete(first, 'reasoning_details', details);
    setOrDelete(first, 'annotations', annotations);
    const reasoning = readReasoning(vendorDelta);
    if (reasoning !== '') first.reasoning_content = reasoning;
    const deltas = [first];
    if (content !== undefined && content !== null) this.#addContent(deltas, content);
    const calls = toolCalls ? this.#calls.take(toolCalls) : [];
    if (calls.length > 0) deltas.at(-1)!.tool_calls = calls;
    return deltas.filter((delta, i) => i > 0 || Object.keys(delta).length > 0);
  }

  #addContent(deltas: ChatDelta[], content: unknown): void {
    readContentRuns(content, this.lost).forEach(({ text, reasoning, refusal, images }, i) => {
      if (i > 0) deltas.push({});
      const delta = deltas.at(-1)!;
      if (reasoning !== '') delta.reasoning_content = (delta.reasoning_content ?? '') + reasoning;
      if (text !== null) delta.content = text;
      if (refusal !== '') delta.refusal = refusal;
      if (images.length > 0) delta.images = [...(delta.images ?? []), ...images];
    });
  }

  #toChunk(delta: ChatDelta): ChunkChoice {
    return { index: this.index, delta, finish_reason: null };
  }
}

function setOrDelete(delta: ChatDelta, name: 'reasoning_details' | 'annotations', values: unknown[]): void {
  if (values.length > 0) (delta as JsonObject)[name] = values;
  else delete delta[name];
}
