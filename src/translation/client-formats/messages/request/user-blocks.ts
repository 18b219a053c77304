import type { JsonObject, UserPart } from '../../../pivot/chat.js';
import { createInvalidBodyError, readObject, readString, createUnsupportedError } from '../../../pivot/body-shape.js';
import { copyCacheMarkToLast } from '../../../pivot/cache-marks.js';
import { readBlocks, type DroppedMembers } from './members.js';

const KNOWN: ReadonlySet<string> = new Set([
  'type',
  'text',
  'source',
  'title',
  'context',
  'content',
  'tool_name',
  'cache_control',
]);

/** Returns the parts of a block of a user's turn or of a tool's result. The block itself is never a tool result. */
export function toUserParts(block: JsonObject, path: string, dropped: DroppedMembers): UserPart[] {
  dropped.addOthers(block, KNOWN, 'content[].');
  return copyCacheMarkToLast(block, toParts(block, path, dropped));
}

function toParts(block: JsonObject, path: string, dropped: DroppedMembers): UserPart[] {
  switch (block['type']) {
    case 'text': {
      const text = readString(block['text'], `${path}.text`);
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'image':
      return [
        { type: 'image_url', image_url: { url: toImageUrl(readObject(block['source'], `${path}.source`), path) } },
      ];
    case 'document':
      return toDocumentParts(block, path, dropped);
    case 'search_result':
      return toSearchResultParts(block, path);
    case 'tool_reference':
      return [{ type: 'text', text: `Tool found: ${readString(block['tool_name'], `${path}.tool_name`)}` }];
    default:
      throw createUnsupportedError(
        path,
        `A block of type ${JSON.stringify(block['type'])} is specific to Anthropic: send text, images or documents.`,
      );
  }
}

function toImageUrl(source: JsonObject, path: string): string {
  if (source['type'] === 'base64')
    return buildDataUrl(readString(source['media_type'], `${path}.source.media_type`), source['data'], path);
  if (source['type'] === 'url') return readString(source['url'], `${path}.source.url`);
  throw createFileError(source, path);
}

function buildDataUrl(mediaType: string, data: unknown, path: string): string {
  return `data:${mediaType};base64,${readString(data, `${path}.source.data`)}`;
}

function createFileError(source: JsonObject, path: string): Error {
  if (source['type'] === 'file')
    return createUnsupportedError(
      `${path}.source`,
      'A file id is specific to Anthropic: send the content as base64, or a url.',
    );
  return createInvalidBodyError(`${path}.source.type`, '"base64" or "url", in documents also "text" or "content"');
}

/** Returns the parts of a document. PDFs stay files; a text document becomes text, under its title. */
function toDocumentParts(block: JsonObject, path: string, dropped: DroppedMembers): UserPart[] {
  const source = readObject(block['source'], `${path}.source`);
  const head = buildHead(block);
  switch (source['type']) {
    case 'base64':
      return toFileParts(
        buildDataUrl(readString(source['media_type'], `${path}.source.media_type`), source['data'], path),
        block,
      );
    case 'url':
      return toFileParts(readString(source['url'], `${path}.source.url`), block);
    case 'text':
      return [{ type: 'text', text: head + readString(source['data'], `${path}.source.data`) }];
    case 'content': {
      const inner = readBlocks(source['content'], `${path}.source.content`);
      const parts = inner.flatMap(({ block: part, path: at }) => toUserParts(part, at, dropped));
      return head === '' ? parts : [{ type: 'text', text: head }, ...parts];
    }
    default:
      throw createFileError(source, path);
  }
}

function toFileParts(data: string, block: JsonObject): UserPart[] {
  const { title, context } = block;
  const part: UserPart = {
    type: 'file',
    file: { file_data: data, filename: typeof title === 'string' && title !== '' ? title : 'document.pdf' },
  };
  return typeof context === 'string' && context !== '' ? [{ type: 'text', text: context }, part] : [part];
}

function buildHead({ title, context }: JsonObject): string {
  const lines = [title, context].filter((line) => typeof line === 'string' && line !== '');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}

function toSearchResultParts(block: JsonObject, path: string): UserPart[] {
  const texts = readBlocks(block['content'], `${path}.content`).map(({ block: part, path: at }) =>
    readString(part['text'], `${at}.text`),
  );
  const lines = [block['title'], block['source'], ...texts].filter((line) => typeof line === 'string' && line !== '');
  return [{ type: 'text', text: lines.join('\n') }];
}
