/** Converts images, documents and audio of a message to Converse's form: bytes, a format, and for documents a name. */
import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { AudioPart, FilePart, ImagePart } from '../../../pivot/chat.js';
import type { BlockSource, ContentBlock } from '../wire.js';

const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
};
const DOCUMENT_ENDINGS: ReadonlySet<string> = new Set(Object.values(DOCUMENT_FORMATS));

/** AWS's limit on a document's name. */
const MAX_NAME_CHARS = 200;

export function toImageBlock({ image_url: { url } }: ImagePart, path: string): ContentBlock {
  if (url.startsWith('s3://'))
    return { image: { format: readFormat(url, path), source: { s3Location: { uri: url } } } };
  const { mediaType, bytes } = parseDataUrl(url, `${path}.image_url.url`);
  const format = IMAGE_FORMATS[mediaType];
  if (!format)
    throw createUnsupportedError(
      `${path}.image_url.url`,
      `Bedrock accepts png, jpeg, gif and webp images, not "${mediaType}".`,
    );
  return { image: { format, source: { bytes } } };
}

export function toAudioBlock({ input_audio: { data, format } }: AudioPart): ContentBlock {
  return { audio: { format, source: { bytes: data } } };
}

/** Names documents as AWS requires: only allowed characters, and each name once per request. */
export class DocumentBlocks {
  readonly #names = new Set<string>();

  toBlock({ file }: FilePart, path: string): ContentBlock {
    if (file.file_data === undefined)
      throw createUnsupportedError(
        `${path}.file.file_id`,
        'Bedrock does not store files: send the content as a data URL in file_data.',
      );
    const { format, source } = toDocumentSource(file.file_data, file.filename ?? '', path);
    return { document: { format, name: this.#createName(file.filename ?? ''), source } };
  }

  #createName(filename: string): string {
    const plain = filename
      .replace(/\.[A-Za-z0-9]{1,5}$/, '')
      .replace(/[^A-Za-z0-9\s()[\]-]+/g, '-')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, MAX_NAME_CHARS - 4);
    const base = /[A-Za-z0-9]/.test(plain) ? plain : 'document';
    let name = base;
    for (let n = 2; this.#names.has(name); n++) name = `${base} ${n}`;
    this.#names.add(name);
    return name;
  }
}

function toDocumentSource(data: string, filename: string, path: string): { format: string; source: BlockSource } {
  const ending = /\.([A-Za-z0-9]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  if (data.startsWith('s3://'))
    return {
      format: DOCUMENT_ENDINGS.has(ending) ? ending : readFormat(data, path),
      source: { s3Location: { uri: data } },
    };
  // base64 without a type is a PDF
  const { mediaType, bytes } =
    data.startsWith('data:') || data.startsWith('http')
      ? parseDataUrl(data, `${path}.file.file_data`)
      : { mediaType: 'application/pdf', bytes: data };
  const format = DOCUMENT_FORMATS[mediaType] ?? (DOCUMENT_ENDINGS.has(ending) ? ending : undefined);
  if (!format)
    throw createUnsupportedError(
      `${path}.file.file_data`,
      `Bedrock accepts pdf, csv, doc, docx, xls, xlsx, html, txt and md documents, not "${mediaType}".`,
    );
  return { format, source: { bytes } };
}

/** Parses `data:<type>[;…];base64,<bytes>`. */
function parseDataUrl(url: string, path: string): { mediaType: string; bytes: string } {
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1;
  if (comma < 0)
    throw createUnsupportedError(path, 'Bedrock accepts only inline content: send a data URL (data:<type>;base64,…).');
  const [mediaType, ...parameters] = url.slice(5, comma).split(';');
  const rest = url.slice(comma + 1);
  const bytes = parameters.includes('base64') ? rest : Buffer.from(decodeURIComponent(rest)).toString('base64');
  return { mediaType: mediaType!.toLowerCase(), bytes };
}

function readFormat(uri: string, path: string): string {
  const ending = uri.slice(uri.lastIndexOf('.') + 1).toLowerCase();
  const format = ending === 'jpg' ? 'jpeg' : ending;
  if (/^[a-z]{2,4}$/.test(format)) return format;
  throw createInvalidBodyError(path, 'an S3 address that ends in the format of its file (.png, .pdf)');
}
