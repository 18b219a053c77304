/**
 * Converts parts of a Chat message to content blocks (platform.claude.com/docs/en/api/messages: `ContentBlockParam`).
 */
import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { createInvalidBodyError, readString, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { FilePart, ImagePart, JsonObject, TextPart, UserPart } from '../../../pivot/chat.js';

/** Returns the blocks of a user turn or a tool result. Leaves blank texts out, as the vendor refuses them. */
export function toUserBlocks(content: string | readonly UserPart[], path: string, dropped: Set<string>): JsonObject[] {
  if (typeof content === 'string') return isBlank(content) ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw createInvalidBodyError(path, 'a string or an array of parts');
  const blocks: JsonObject[] = [];
  for (const [i, part] of (content as readonly UserPart[]).entries()) {
    const block = toBlock(part, `${path}[${i}]`, dropped);
    if (block) blocks.push(block);
  }
  return blocks;
}

/** Returns a text block, the only kind that system and assistant messages contain. */
export function toTextBlock(part: TextPart, path: string): JsonObject | null {
  return isBlank(readString(part.text, `${path}.text`)) ? null : copyCacheMark(part, { type: 'text', text: part.text });
}

export const isBlank = (text: string): boolean => text.trim() === '';

function toBlock(part: UserPart, path: string, dropped: Set<string>): JsonObject | null {
  switch (part.type) {
    case 'text':
      return toTextBlock(part, path);
    case 'image_url':
      return copyCacheMark(part, toImageBlock(part, path, dropped));
    case 'file':
      return copyCacheMark(part, toFileBlock(part, path));
    default:
      throw createUnsupportedError(`${path}.type`, 'Claude accepts text, images (image_url) and files (file).');
  }
}

function toImageBlock({ image_url: image }: ImagePart, path: string, dropped: Set<string>): JsonObject {
  if (image.detail && image.detail !== 'auto') dropped.add('messages[].content[].image_url.detail');
  return { type: 'image', source: toSource(image.url, `${path}.image_url.url`, 'image/png') };
}

function toFileBlock({ file }: FilePart, path: string): JsonObject {
  if (typeof file.file_data !== 'string')
    throw createUnsupportedError(
      `${path}.file.file_id`,
      'Another vendor stores this file: send its content as `file_data`.',
    );
  const source = toSource(file.file_data, `${path}.file.file_data`, 'application/pdf');
  const mediaType = source['media_type'] as string | undefined;
  if (mediaType?.startsWith('image/')) return { type: 'image', source };
  const title = file.filename ? { title: file.filename } : {};
  if (mediaType?.startsWith('text/') || mediaType === 'application/json') {
    const data = Buffer.from(source['data'] as string, 'base64').toString('utf8');
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title };
  }
  if (mediaType !== undefined && mediaType !== 'application/pdf')
    throw createUnsupportedError(`${path}.file.file_data`, 'Claude accepts PDFs, text and images.');
  return { type: 'document', source, ...title };
}

/**
 * Converts a data URL to base64 and passes an address unchanged; anything else counts as base64 of the type
 * `otherwise`.
 */
function toSource(url: string, path: string, defaultType: string): JsonObject {
  if (typeof url !== 'string' || url === '') throw createInvalidBodyError(path, 'a data URL or an https address');
  if (url.startsWith('https:') || url.startsWith('http:')) return { type: 'url', url };
  if (!url.startsWith('data:')) return { type: 'base64', media_type: defaultType, data: url };
  const comma = url.indexOf(',');
  const head = url.slice('data:'.length, comma);
  if (comma < 0 || !head.endsWith(';base64'))
    throw createInvalidBodyError(path, 'a data URL in base64 (`data:<media type>;base64,<data>`)');
  const mediaType = head.slice(0, head.indexOf(';')).toLowerCase();
  return {
    type: 'base64',
    media_type: mediaType === 'image/jpg' ? 'image/jpeg' : mediaType,
    data: url.slice(comma + 1),
  };
}
