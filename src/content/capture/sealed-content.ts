/** Encrypts content at rest: compresses it, then seals it for its row. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Secret } from '../../platform/crypto/secret.js';
import type { SealedBox, SealContext } from '../../platform/crypto/sealed-box.js';
import type { StoredContent } from './stored-text.js';

const compress = promisify(gzip);
const expand = promisify(gunzip);

const createContentSealContext = (id: string): SealContext => ({
  table: 'interaction_content',
  column: 'sealed_content',
  id,
});

export async function sealContent(box: SealedBox, interactionId: string, content: StoredContent): Promise<string> {
  const bytes = await compress(JSON.stringify(content));
  return box.seal(new Secret(bytes.toString('base64')), createContentSealContext(interactionId));
}

/** Throws if the key is unknown, or the text belongs to another row. */
export async function openContent(box: SealedBox, interactionId: string, sealed: string): Promise<StoredContent> {
  const bytes = Buffer.from(box.open(sealed, createContentSealContext(interactionId)).expose(), 'base64');
  return JSON.parse((await expand(bytes)).toString('utf8')) as StoredContent;
}
