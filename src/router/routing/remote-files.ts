/** Brings images and files that a request names by address, for vendors that take bytes alone. */
import { Injectable } from '@nestjs/common';
import { Egress } from '../../platform/egress/egress.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ChatRequest, FilePart, ImagePart } from '../translation/chat.js';

/** Anthropic's and Gemini's own bounds on an inline file are of this order. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;
const MAX_FILES = 20;
const FETCH_MS = 20_000;

/** Addresses that a vendor resolves by itself. */
const OF_THE_VENDORS = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/)/;

@Injectable()
export class RemoteFiles {
  constructor(private readonly egress: Egress) {}

  /** Replaces each address by a data URL. Throws `invalid_body` for one that cannot be fetched. */
  async inline(chat: ChatRequest): Promise<void> {
    const places = [...placesOf(chat)];
    if (places.length === 0) return;
    if (places.length > MAX_FILES) {
      throw new GatewayError(
        'invalid_body',
        `At most ${MAX_FILES} files can be fetched for one request. Send the others as data URLs.`,
      );
    }
    await Promise.all(places.map(async (place) => place.set(await this.#dataUrl(place.url, place.path))));
  }

  async #dataUrl(url: string, path: string): Promise<string> {
    const answer = await this.egress
      .fetchBounded(url, { timeoutMs: FETCH_MS, maxBytes: MAX_FILE_BYTES, accept: '*/*' })
      .catch((cause: unknown) => {
        throw notFetched(path, cause);
      });
    if (answer.status !== 200) throw notFetched(path, new Error(`status ${answer.status}`));
    const type = (answer.headers['content-type'] ?? 'application/octet-stream').split(';')[0]!.trim();
    return `data:${type};base64,${answer.body.toString('base64')}`;
  }
}

interface Place {
  readonly url: string;
  /** Of the member, for messages. */
  readonly path: string;
  set(dataUrl: string): void;
}

function* placesOf({ messages }: ChatRequest): Generator<Place> {
  for (const [m, { content }] of messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [p, part] of content.entries()) {
      const place = part.type === 'image_url' ? ofImage(part) : part.type === 'file' ? ofFile(part) : null;
      if (place) yield { ...place, path: `messages[${m}].content[${p}]` };
    }
  }
}

function ofImage({ image_url: image }: ImagePart): Omit<Place, 'path'> | null {
  return isRemote(image.url) ? { url: image.url, set: (dataUrl) => (image.url = dataUrl) } : null;
}

function ofFile({ file }: FilePart): Omit<Place, 'path'> | null {
  const { file_data: url } = file;
  return url !== undefined && isRemote(url) ? { url, set: (dataUrl) => (file.file_data = dataUrl) } : null;
}

const isRemote = (url: string): boolean => /^https?:\/\//i.test(url) && !OF_THE_VENDORS.test(url);

const notFetched = (path: string, cause: unknown): GatewayError =>
  new GatewayError(
    'invalid_body',
    `The file at ${path} could not be fetched: it must be reachable over https and at most ${MAX_FILE_BYTES / 1024 / 1024} MiB large. Send it as a data URL.`,
    { internal: cause instanceof Error ? cause.message : String(cause), cause },
  );
