/**
 * Verifies Signature Version 4 as a server does, written from AWS's description and not from the signer's library:
 * reconstructs the signed text from the received request.
 */
import { createHash, createHmac } from 'node:crypto';
import type { ReceivedRequest } from './fake-provider.js';

export interface ReadSignature {
  accessKeyId: string;
  region: string;
  service: string;
  signedHeaders: string[];
  /** Whether the secret access key signed exactly this request. */
  isGood: boolean;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

export function readSignature(request: ReceivedRequest, secretAccessKey: string): ReadSignature {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (!match) throw new Error(`no signature: ${request.headers.authorization}`);
  const [, accessKeyId, day, region, service, names, signature] = match as unknown as string[];
  const signedHeaders = names!.split(';');
  const bodyHash = sha256(request.body);
  const [path = '', query = ''] = request.url.split('?', 2);
  const canonical = [
    request.method,
    path.split('/').map(encoded).join('/'),
    query.split('&').filter(Boolean).sort().join('&'),
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    names,
    bodyHash,
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [day!, region!, service!, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  const isGood =
    hmac(key, toSign).toString('hex') === signature && request.headers['x-amz-content-sha256'] === bodyHash;
  return { accessKeyId: accessKeyId!, region: region!, service: service!, signedHeaders, isGood };
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Encodes by RFC 3986 a second time: every service but S3 requires that. */
const encoded = (segment: string): string =>
  encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
