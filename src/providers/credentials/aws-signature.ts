/** Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
import { createHash } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsAccessKey } from './aws-access-key.js';
import type { UpstreamRequest } from '../contract/provider-adapter.js';

/** Headers set by signing. Those from a client belong to its own signature or are a credential. */
const SIGNATURE_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

/** Payload hash of an upload that is streamed through: it cannot be hashed before it is sent. */
const UNSIGNED = 'UNSIGNED-PAYLOAD';

export interface SigningScope {
  service: string;
  region: string;
  at: Date;
}

/**
 * Adds a signature to the request: over method, path, query, host, `content-type`, every `x-amz-` header and the body.
 * Other headers may still change afterwards. The path is encoded once more, as every service but S3 requires.
 */
export async function signAws(request: UpstreamRequest, accessKey: AwsAccessKey, scope: SigningScope): Promise<void> {
  dropSignature(request);
  const { service, region, at } = scope;
  const url = new URL(request.origin);
  const [path, query] = splitQuery(request.path);
  const signer = new SignatureV4({ service, region, credentials: accessKey, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path,
      query,
      headers: {
        host: url.host,
        ...selectSignedHeaders(request.headers),
        'x-amz-content-sha256': hashBody(request.body),
      },
    },
    { signingDate: at },
  );
  for (const name of SIGNATURE_HEADERS) {
    const value = signed.headers[name];
    if (value !== undefined) request.headers.push(name, value);
  }
}

/** Removes the headers of a client's own signature. */
export function dropSignature({ headers }: UpstreamRequest): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) if (SIGNATURE_HEADERS.has(headers[i]!)) headers.splice(i, 2);
}

function selectSignedHeaders(headers: readonly string[]): Record<string, string> {
  const selected: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name !== 'content-type' && !name.startsWith('x-amz-')) continue;
    selected[name] = selected[name] === undefined ? headers[i + 1]! : `${selected[name]},${headers[i + 1]}`;
  }
  return selected;
}

const hashBody = (body: Buffer | null): string =>
  body === null ? UNSIGNED : createHash('sha256').update(body).digest('hex');

function splitQuery(target: string): [path: string, query: Record<string, string | string[]>] {
  const queryStart = target.indexOf('?');
  if (queryStart < 0) return [target, {}];
  const query: Record<string, string[]> = {};
  for (const pair of target.slice(queryStart + 1).split('&')) {
    if (pair === '') continue;
    const separator = pair.indexOf('=');
    const name = decodeComponent(separator < 0 ? pair : pair.slice(0, separator));
    (query[name] ??= []).push(separator < 0 ? '' : decodeComponent(pair.slice(separator + 1)));
  }
  return [target.slice(0, queryStart), query];
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
