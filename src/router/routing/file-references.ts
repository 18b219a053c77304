/** Finds the images and files that a request names by an address to be fetched. Pure. */
import type { ChatRequest, FilePart, ImagePart } from '../../translation/pivot/chat.js';

export interface FileReference {
  readonly url: string;
  /** Path of the member, for error messages. */
  readonly path: string;
  set(dataUrl: string): void;
}

/** Addresses that a vendor resolves itself. */
const VENDOR_URL = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/)/;

export function* findFileReferences({ messages }: ChatRequest): Generator<FileReference> {
  for (const [m, { content }] of messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [p, part] of content.entries()) {
      const reference =
        part.type === 'image_url' ? toImageReference(part) : part.type === 'file' ? toFileReference(part) : null;
      if (reference) yield { ...reference, path: `messages[${m}].content[${p}]` };
    }
  }
}

function toImageReference({ image_url: image }: ImagePart): Omit<FileReference, 'path'> | null {
  return isRemote(image.url) ? { url: image.url, set: (dataUrl) => (image.url = dataUrl) } : null;
}

function toFileReference({ file }: FilePart): Omit<FileReference, 'path'> | null {
  const { file_data: url } = file;
  return url !== undefined && isRemote(url) ? { url, set: (dataUrl) => (file.file_data = dataUrl) } : null;
}

const isRemote = (url: string): boolean => /^https?:\/\//i.test(url) && !VENDOR_URL.test(url);
