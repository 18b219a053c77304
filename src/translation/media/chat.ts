/** Media of a conversation under the types that their bytes have: clients name them by the ends of file names. */
import { createInvalidBodyError } from '../pivot/body-shape.js';
import type { ChatRequest, FilePart, ImagePart, UserPart } from '../pivot/chat.js';
import { HEAD_CHARS, isCheckedMediaType, detectMediaKind } from '../../providers/media/kind.js';

const PDF = 'application/pdf';

/**
 * Changes the request itself. A PDF that is sent as an image becomes a file.
 * @throws GatewayError `invalid_body` for an image or a PDF that is none
 */
export function correctMedia({ messages }: ChatRequest): void {
  for (const [i, message] of messages.entries()) {
    if (!Array.isArray(message.content)) continue;
    const content = message.content as UserPart[];
    for (const [j, part] of content.entries()) {
      const path = `messages[${i}].content[${j}]`;
      if (part.type === 'image_url') content[j] = correctImage(part, path);
      else if (part.type === 'file') correctFile(part, path);
    }
  }
}

function correctImage(part: ImagePart, path: string): ImagePart | FilePart {
  const url = correctUrl(part.image_url.url, 'image/png', `${path}.image_url.url`);
  if (url.startsWith(`data:${PDF};`)) {
    const { image_url: _image, ...others } = part;
    return { ...others, type: 'file', file: { file_data: url, filename: 'document.pdf' } };
  }
  if (url !== part.image_url.url) part.image_url = { ...part.image_url, url };
  return part;
}

function correctFile({ file }: FilePart, path: string): void {
  if (typeof file.file_data === 'string') file.file_data = correctUrl(file.file_data, PDF, `${path}.file.file_data`);
}

/** `data:<type>[;…];base64,<data>` (RFC 2397). */
const DATA_URL = /^data:([^;,]*)(?:;[^;,]*)*;base64,/i;

/** @param defaultType the type of bare base64 */
function correctUrl(url: string, defaultType: string, path: string): string {
  const data = DATA_URL.exec(url.slice(0, HEAD_CHARS));
  if (!data && (/^data:/i.test(url) || url.includes('://'))) return url;
  const head = data?.[0] ?? '';
  const declaredType = data?.[1] ?? defaultType;
  const kind = detectMediaKind(url.slice(head.length, head.length + HEAD_CHARS));
  if (kind === 'none') {
    if (!isCheckedMediaType(declaredType)) return url;
    throw createInvalidBodyError(path, `the bytes of ${declaredType === PDF ? 'a PDF' : 'an image'} in base64`);
  }
  if (kind === 'unknown' || kind.mediaType === declaredType.toLowerCase()) return url;
  return `data:${kind.mediaType};base64,${url.slice(head.length)}`;
}
