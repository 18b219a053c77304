/** Builds the items of a Response's output (OpenAI, API reference, "The response object"). */
import { isObject } from '../../../pivot/body-shape.js';
import type { ChatChoice, ImagePart, JsonObject, ToolCall } from '../../../pivot/chat.js';
import { readCustomInput } from './custom-input.js';
import {
  addDetails,
  isEmptyReplay,
  createEmptyReplay,
  type Replay,
  sealReplay,
} from '../../../replay/responses-envelope.js';
import type { ToolNames } from '../request/tool-names.js';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export type OutputPart =
  | { type: 'output_text'; text: string; annotations: unknown[]; logprobs: unknown[] }
  | { type: 'refusal'; refusal: string };

/**
 * Makes ids that are unique to the response: `msg_`, `rs_`, `fc_`, `ctc_`, `ig_` or `call_`, the response's own id
 * without its prefix, and a number.
 */
export class ItemIds {
  #next = 0;
  readonly #ending: string;

  constructor(responseId: string) {
    this.#ending = responseId.replace(/^resp_/, '');
  }

  make(prefix: 'msg' | 'rs' | 'fc' | 'ctc' | 'ig' | 'call'): string {
    return `${prefix}_${this.#ending}_${this.#next++}`;
  }
}

export function createMessageItem(id: string, content: readonly OutputPart[], status: ItemStatus): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function createReasoningItem(id: string, text: string, replay: Replay): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return { id, type: 'reasoning', summary, encrypted_content: sealReplay(replay) };
}

/** @param call `name` as in Chat; `text` is the `input` of a custom tool's call, or the `arguments` of a function's */
export function createCallItem(
  id: string,
  call: { id: string; name: string; text: string },
  names: ToolNames,
  status: ItemStatus,
): JsonObject {
  const { kind, name, namespace } = names.getOriginal(call.name);
  return {
    id,
    type: kind === 'custom' ? 'custom_tool_call' : 'function_call',
    status,
    call_id: call.id,
    name,
    ...(namespace !== undefined && { namespace }),
    ...(kind === 'custom' ? { input: call.text } : { arguments: call.text }),
  };
}

/** Returns the item of an image that the model generated. The item holds its bare base64. */
export function createImageItem(id: string, { image_url: { url } }: ImagePart): JsonObject {
  const result = url.startsWith('data:') ? url.slice(url.indexOf(',') + 1) : url;
  return { id, type: 'image_generation_call', status: 'completed', result };
}

/** Returns the output of a whole response, in OpenAI's order: reasoning, message, images, calls. */
export function toOutput(
  { message, logprobs }: ChatChoice,
  ids: ItemIds,
  names: ToolNames,
  status: ItemStatus,
  origin?: string,
) {
  const items: JsonObject[] = [];
  const replay = collectReplay(message, origin);
  const reasoning = getShownReasoning(message);
  if (reasoning !== '' || !isEmptyReplay(replay)) items.push(createReasoningItem(ids.make('rs'), reasoning, replay));
  const parts: OutputPart[] = [];
  if (message.content) {
    const { length } = message.content;
    const annotations = (message.annotations ?? []).map((annotation) => toAnnotation(annotation, length));
    parts.push({ type: 'output_text', text: message.content, annotations, logprobs: toLogprobs(logprobs) });
  }
  if (message.refusal) parts.push({ type: 'refusal', refusal: message.refusal });
  const calls = message.tool_calls ?? [];
  if (parts.length > 0) items.push(createMessageItem(ids.make('msg'), parts, status));
  for (const image of message.images ?? []) items.push(createImageItem(ids.make('ig'), image));
  for (const call of calls) items.push(toCallItem(call, ids, names, status));
  return items;
}

function toCallItem(call: ToolCall, ids: ItemIds, names: ToolNames, status: ItemStatus): JsonObject {
  const isCustom = names.isCustom(call.function.name);
  const text = isCustom ? readCustomInput(call.function.arguments) : call.function.arguments || '{}';
  return createCallItem(
    ids.make(isCustom ? 'ctc' : 'fc'),
    { id: call.id, name: call.function.name, text },
    names,
    status,
  );
}

function collectReplay(message: ChatChoice['message'], origin: string | undefined): Replay {
  const replay = createEmptyReplay(origin);
  addDetails(replay.details, message.reasoning_details ?? []);
  for (const call of message.tool_calls ?? []) {
    if (call.extra_content) replay.calls.set(call.id, call.extra_content);
  }
  return replay;
}

/**
 * Returns the reasoning that is shown. Several servers that speak Chat (OpenRouter, Groq, vLLM) call it `reasoning`.
 */
export function getShownReasoning(message: { reasoning_content?: string | null; reasoning?: unknown }): string {
  const { reasoning_content: content, reasoning } = message;
  return content || (typeof reasoning === 'string' ? reasoning : '');
}

/**
 * Converts an annotation: Chat has a citation's members one level deeper.
 * @param length of the text. A source without a position cites the whole text
 */
export function toAnnotation(annotation: unknown, length: number): unknown {
  const inner = isObject(annotation) ? annotation['url_citation'] : null;
  if (!isObject(inner)) return annotation;
  const { url, title, start_index: start, end_index: end } = inner;
  const hasRange = typeof start === 'number' && typeof end === 'number';
  return {
    type: 'url_citation',
    ...inner,
    title: typeof title === 'string' ? title : url,
    ...(!hasRange && { start_index: 0, end_index: length }),
  };
}

export function toLogprobs(logprobs: JsonObject | null | undefined): unknown[] {
  const content = logprobs?.['content'];
  return Array.isArray(content) ? (content as unknown[]) : [];
}
