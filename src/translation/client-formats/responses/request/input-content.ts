/** Converts content parts of Responses items to Chat (OpenAI, API reference, Responses, "input item list"). */
import {
  readArray,
  createInvalidBodyError,
  isAbsent,
  isObject,
  readObject,
  readString,
  createUnsupportedError,
} from '../../../pivot/body-shape.js';
import type { FilePart, ImagePart, RefusalPart, TextPart, UserPart } from '../../../pivot/chat.js';
import type { DroppedNames } from './dropped-members.js';

type Content<Part> = string | (Part | TextPart)[];

/** Returns the content of a user or a tool: text, images, files, audio. A single text becomes a plain string. */
export function toUserContent(content: unknown, path: string, dropped: DroppedNames): Content<UserPart> {
  noteOthers(content, dropped);
  return readContent<UserPart>(content, path, (part, at) => {
    switch (part['type']) {
      case 'input_image':
        return toImagePart(part, at);
      case 'input_file':
        return toFilePart(part);
      case 'input_audio':
        return { type: 'input_audio', input_audio: readObject(part['input_audio'], `${at}.input_audio`) } as UserPart;
      default:
        return null;
    }
  });
}

export function toSystemContent(content: unknown, path: string, dropped: DroppedNames): Content<TextPart> {
  noteOthers(content, dropped);
  return readContent<TextPart>(content, path, (_part, at) => {
    throw createUnsupportedError(
      at,
      'System and developer messages are text only: put images and files in a user message.',
    );
  });
}

export function toAssistantContent(content: unknown, path: string, dropped: DroppedNames): Content<RefusalPart> {
  noteOthers(content, dropped);
  return readContent<RefusalPart>(content, path, (part, at) =>
    part['type'] === 'refusal' ? { type: 'refusal', refusal: readString(part['refusal'], `${at}.refusal`) } : null,
  );
}

/**
 * Members that are read or can be ignored. `annotations` and `logprobs` come with a model's output, and mean nothing to
 * another model.
 */
const KNOWN: ReadonlySet<string> = new Set(
  `type text refusal annotations logprobs image_url detail file_id file_data file_url filename input_audio`.split(' '),
);

function noteOthers(content: unknown, dropped: DroppedNames): void {
  if (!Array.isArray(content)) return;
  for (const part of content as unknown[])
    if (isObject(part))
      for (const member in part) if (!KNOWN.has(member)) dropped.note(`input.${member}`, part[member]);
}

type PartReader<Part> = (part: Record<string, unknown>, path: string) => Part | null;

function readContent<Part>(content: unknown, path: string, readOther: PartReader<Part>): Content<Part> {
  if (typeof content === 'string') return content;
  const parts = readArray(content, path).map((value, i) => {
    const at = `${path}[${i}]`;
    const part = readObject(value, at);
    if (isText(part['type'])) return toTextPart(part['text'], at);
    const otherPart = readOther(part, at);
    if (otherPart === null) throw createInvalidBodyError(`${at}.type`, 'a kind of content that this item can have');
    return otherPart;
  });
  const only = parts.length === 1 ? parts[0] : undefined;
  return only !== undefined && isTextPart(only) ? only.text : parts;
}

/**
 * Whether the part is a text. The kinds are interchangeable: clients send `input_text` and Chat's `text` where
 * `output_text` belongs.
 */
const isText = (type: unknown): boolean => type === 'input_text' || type === 'output_text' || type === 'text';

const toTextPart = (text: unknown, path: string): TextPart => ({
  type: 'text',
  text: readString(text, `${path}.text`),
});

const isTextPart = (part: unknown): part is TextPart => (part as { type: string }).type === 'text';

function toImagePart(part: Record<string, unknown>, path: string): ImagePart {
  if (isAbsent(part['image_url'])) {
    throw createUnsupportedError(
      isAbsent(part['file_id']) ? path : `${path}.file_id`,
      'Send the image in "image_url", as a data URL or an https address.',
    );
  }
  const url = readString(part['image_url'], `${path}.image_url`);
  const detail = part['detail'] === 'original' ? 'high' : part['detail'];
  return { type: 'image_url', image_url: { url, ...(detail ? { detail: detail as 'auto' } : {}) } };
}

function toFilePart(part: Record<string, unknown>): FilePart {
  const data = (part['file_data'] ?? part['file_url']) as string | null | undefined;
  const { filename, file_id: id } = part as { filename?: string | null; file_id?: string | null };
  return {
    type: 'file',
    file: {
      ...(isAbsent(data) ? {} : { file_data: data }),
      ...(isAbsent(filename) ? {} : { filename }),
      ...(isAbsent(id) ? {} : { file_id: id }),
    },
  };
}
