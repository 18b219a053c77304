/**
 * Reads `content` of servers that speak OpenAI's Chat: a text, or parts as Mistral and others send them
 * (docs.mistral.ai, "Reasoning": `thinking` and `text`). Chat clients expect a text, and reasoning beside it.
 */
import { isObject } from '../../../pivot/body-shape.js';
import type { ImagePart } from '../../../pivot/chat.js';

/** Content of adjacent parts. Reasoning comes before the text: a reasoning part after a text begins the next run. */
export interface ContentRun {
  text: string | null;
  reasoning: string;
  refusal: string;
  images: ImagePart[];
}

const TEXTS: ReadonlySet<unknown> = new Set(['text', 'output_text', 'input_text', undefined]);
const THOUGHTS: ReadonlySet<unknown> = new Set([
  'thinking',
  'reasoning',
  'reasoning_text',
  'reasoning_content',
  'summary_text',
]);

/** @param lost gets the names of parts that Chat cannot hold (`content[].reference`) */
export function readContentRuns(content: unknown, lost: Set<string>): ContentRun[] {
  if (typeof content === 'string') return [{ ...createRun(), text: content }];
  const runs: ContentRun[] = [];
  for (const part of Array.isArray(content) ? (content as unknown[]) : [content]) {
    const thought = readThought(part);
    let run = runs.at(-1);
    if (!run || (thought !== null && run.text !== null)) runs.push((run = createRun()));
    if (thought !== null) run.reasoning += thought;
    else addPart(run, part, lost);
  }
  return runs;
}

/** Joins the whole content of a response. */
export function readWholeContent(content: unknown, lost: Set<string>): ContentRun {
  const joined = createRun();
  for (const { text, reasoning, refusal, images } of readContentRuns(content, lost)) {
    if (text !== null) joined.text = (joined.text ?? '') + text;
    joined.reasoning += reasoning;
    joined.refusal += refusal;
    joined.images.push(...images);
  }
  return joined;
}

/** Groq, OpenRouter and newer vLLM use the name `reasoning`, the others `reasoning_content`. */
export function readReasoning(message: { reasoning_content?: unknown; reasoning?: unknown }): string {
  return flattenText(message.reasoning_content) || flattenText(message.reasoning);
}

const createRun = (): ContentRun => ({ text: null, reasoning: '', refusal: '', images: [] });

function readThought(part: unknown): string | null {
  if (!isObject(part) || !THOUGHTS.has(part['type'])) return null;
  return flattenText(part['thinking'] ?? part['reasoning'] ?? part['text'] ?? part['content'] ?? part['summary']);
}

function addPart(run: ContentRun, part: unknown, lost: Set<string>): void {
  if (typeof part === 'string') run.text = (run.text ?? '') + part;
  if (!isObject(part)) return;
  const { type, text, refusal } = part;
  if (TEXTS.has(type) && typeof text === 'string') run.text = (run.text ?? '') + text;
  else if (type === 'refusal' && typeof refusal === 'string') run.refusal += refusal;
  else {
    const image = readImage(part);
    if (image) run.images.push(image);
    else lost.add(`content[].${typeof type === 'string' ? type : 'part'}`);
  }
}

function readImage({ type, image_url: image }: Record<string, unknown>): ImagePart | null {
  if (type !== 'image_url' && type !== 'output_image') return null;
  const url = isObject(image) ? image['url'] : image;
  return typeof url === 'string' ? { type: 'image_url', image_url: { url } } : null;
}

/** Returns a text, or the concatenated texts of parts. */
function flattenText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return (value as unknown[]).map(flattenText).join('');
  return isObject(value) ? flattenText(value['text'] ?? value['thinking'] ?? value['content']) : '';
}
