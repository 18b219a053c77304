/**
 * Converts images, documents and audio of a Chat message to Gemini's parts: bytes as `inlineData`, Google's own files
 * by their address.
 */
import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { AudioPart, FilePart, ImagePart } from '../../../pivot/chat.js';
import type { GeminiPart } from '../wire.js';

const FILES_API = 'https://generativelanguage.googleapis.com/v1beta/';

/** Media types by file extension, for addresses that do not state a type. */
const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  mp4: 'video/mp4',
};

/** @param path of the part */
export function toImagePart({ image_url: { url } }: ImagePart, path: string): GeminiPart {
  return toDataPart(url) ?? toAddressPart(url, 'image/jpeg', `${path}.image_url.url`);
}

export function toAudioPart({ input_audio: { data, format } }: AudioPart): GeminiPart {
  return { inlineData: { mimeType: `audio/${format}`, data } };
}

export function toFilePart({ file }: FilePart, path: string): GeminiPart {
  const { file_data: data, file_id: id } = file;
  if (data) return toDataPart(data) ?? toDocumentPart(data, `${path}.file.file_data`);
  if (!id) throw createInvalidBodyError(`${path}.file.file_data`, 'a data URL, base64 of a PDF, or an address');
  if (id.startsWith('files/')) return { fileData: { fileUri: FILES_API + id } };
  if (/^(?:gs|https):\/\//.test(id)) return toAddressPart(id, 'application/pdf', `${path}.file.file_id`);
  throw createUnsupportedError(
    `${path}.file.file_id`,
    'Another vendor stores this file: send its content as file_data.',
  );
}

/** Converts a document. Base64 without a type counts as a PDF. */
function toDocumentPart(data: string, path: string): GeminiPart {
  return data.includes('://')
    ? toAddressPart(data, 'application/pdf', path)
    : { inlineData: { mimeType: 'application/pdf', data } };
}

/** Converts a data URL (RFC 2397), encoding text as base64; undefined if `url` is not one. */
function toDataPart(url: string): GeminiPart | undefined {
  if (!/^data:/i.test(url.slice(0, 5))) return undefined;
  const comma = url.indexOf(',');
  const [type = '', ...parameters] = url.slice(5, Math.max(comma, 5)).split(';');
  const content = url.slice(comma + 1);
  const data = parameters.includes('base64') ? content : Buffer.from(decodeURIComponent(content)).toString('base64');
  return { inlineData: { mimeType: type || 'text/plain', data } };
}

/** Converts an address. The Files API knows the type of its files; elsewhere the extension determines it. */
function toAddressPart(fileUri: string, defaultType: string, path: string): GeminiPart {
  if (!/^(?:https|gs):\/\/./.test(fileUri))
    throw createInvalidBodyError(path, 'a data URL, or an address that begins with https://');
  if (fileUri.startsWith('https://generativelanguage.googleapis.com/')) return { fileData: { fileUri } };
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(fileUri)?.[1]?.toLowerCase() ?? '';
  return { fileData: { fileUri, mimeType: TYPES[ending] ?? defaultType } };
}
