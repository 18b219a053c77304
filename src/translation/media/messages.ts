/** Corrects the declared types of media in a Messages request that passes as bytes (Chat: `chat.ts`). */
import { JsonEdits, type JsonObjectEditor } from '../../providers/json/edits.js';
import { createInvalidBodyError } from '../pivot/body-shape.js';
import { HEAD_CHARS, isCheckedMediaType, detectMediaKind } from '../../providers/media/kind.js';

const BASE64 = Buffer.from('"base64"');

/**
 * @param body one JSON object, known to be well-formed. Where all types are right the same buffer is returned.
 * @throws GatewayError `invalid_body` for an image or a PDF that is none
 */
export function correctMediaTypes(body: Buffer): Buffer {
  if (!body.includes(BASE64)) return body;
  const edits = new JsonEdits(body);
  for (const [i, message] of edits.editObject().getObjects('messages').entries())
    correctBlocks(message, `messages[${i}]`, body);
  return edits.apply();
}

function correctBlocks(holder: JsonObjectEditor, path: string, body: Buffer): void {
  for (const [i, block] of holder.getObjects('content').entries()) {
    const at = `${path}.content[${i}]`;
    const type = block.get('type');
    if (type === 'tool_result') correctBlocks(block, at, body);
    else if (type === 'image' || type === 'document') correctBlock(block, at, body);
  }
}

function correctBlock(block: JsonObjectEditor, path: string, body: Buffer): void {
  const source = block.getObject('source');
  const data = source?.getSpan('data');
  if (!source || !data || source.get('type') !== 'base64') return;
  const declaredType = source.get('media_type');
  // some writers escape the slashes of base64
  const head = body.toString('latin1', data.start + 1, Math.min(data.end - 1, data.start + HEAD_CHARS));
  const kind = detectMediaKind(head.replaceAll('\\', ''));
  if (kind === 'none') {
    if (typeof declaredType === 'string' && !isCheckedMediaType(declaredType)) return;
    throw createInvalidBodyError(`${path}.source.data`, 'the bytes of an image or a PDF in base64');
  }
  if (kind === 'unknown' || kind.mediaType === declaredType) return;
  source.set('media_type', kind.mediaType);
  const type = kind.mediaType.startsWith('image/') ? 'image' : 'document';
  if (type === block.get('type')) return;
  block.set('type', type);
  // an image has no members beside its source and its mark for the cache
  if (type === 'image') for (const name of ['title', 'context', 'citations']) block.delete(name);
}
