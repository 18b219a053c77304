/** Finds the images and files that a request names by an address to be fetched. Pure. */
import type { ChatRequest, FilePart, ImagePart } from '../../translation/pivot/chat.js';

export interface FilePlace {
  readonly url: string;
  /** Path of the member, for error messages. */
  readonly path: string;
  set(dataUrl: string): void;
}

/** Addresses that a vendor resolves itself. */
const OF_THE_VENDORS = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/)/;

export function* filePlaces({ messages }: ChatRequest): Generator<FilePlace> {
  for (const [m, { content }] of messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [p, part] of content.entries()) {
      const place = part.type === 'image_url' ? ofImage(part) : part.type === 'file' ? ofFile(part) : null;
      if (place) yield { ...place, path: `messages[${m}].content[${p}]` };
    }
  }
}

function ofImage({ image_url: image }: ImagePart): Omit<FilePlace, 'path'> | null {
  return isRemote(image.url) ? { url: image.url, set: (dataUrl) => (image.url = dataUrl) } : null;
}

function ofFile({ file }: FilePart): Omit<FilePlace, 'path'> | null {
  const { file_data: url } = file;
  return url !== undefined && isRemote(url) ? { url, set: (dataUrl) => (file.file_data = dataUrl) } : null;
}

const isRemote = (url: string): boolean => /^https?:\/\//i.test(url) && !OF_THE_VENDORS.test(url);
