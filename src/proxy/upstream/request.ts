import { Transform, type Readable } from 'node:stream';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import { formatByteSize } from '../../platform/config/byte-size.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { estimateBodyTokens } from '../../providers/media/tokens.js';
import type { UpstreamRequest } from '../../providers/contract/provider-adapter.js';
import type { LlmCall } from '../call/llm-call.js';
import { selectRequestHeaders, removeHeaders } from '../headers/forwarded.js';
import type { Target } from '../call/target.js';
import { replaceTraceHeaders } from '../headers/trace.js';
import type { OutboundRequest } from './listener.js';

/**
 * Builds the request to the provider: the client's request with the resolved key instead of the credential it came
 * with. `body` is null for an upload, which is streamed through, at most `maxBytes` of it.
 */
export function buildOutboundRequest(
  call: LlmCall,
  body: Buffer | null,
  maxBytes: number,
  credential: UpstreamCredential = call.credential!,
): OutboundRequest | Promise<OutboundRequest> {
  const { adapter, operation, target } = call;
  const { raw } = call.request;
  const { origin, basePath, secret, extraHeaders } = credential;
  const unpacked = body !== null && raw.headers['content-encoding'] !== undefined;
  let headers = target?.translation
    ? [...target.translation.headers]
    : selectRequestHeaders(raw.rawHeaders, { unpacked, metered: operation!.rule.metered });
  headers = replaceTraceHeaders(headers, call.request);
  if (target?.headers) headers = replaceHeaders(headers, target.headers);
  if (extraHeaders.length > 0) {
    headers = removeHeaders(
      headers,
      extraHeaders.filter((_, i) => i % 2 === 0),
    );
    headers.push(...extraHeaders);
  }
  const request: UpstreamRequest = {
    origin,
    method: raw.method!,
    path: `${basePath}/${call.vendorPath}${removeQueryKey(call.query)}`,
    headers,
    body,
  };
  call.requestTokens = body ? estimateBodyTokens(body) : 0;
  if (body === null && raw.headers['content-length'] !== undefined) {
    headers.push('content-length', raw.headers['content-length']);
  }
  const outboundBody = body === null ? limitBytes(raw, maxBytes) : body.length > 0 ? body : null;
  // Read after `authorize`, because the adapter may still change origin, path and headers.
  const toOutbound = (): OutboundRequest => ({
    origin: request.origin,
    path: request.path,
    method: request.method,
    headers,
    body: outboundBody,
  });
  const authorized = secret ? adapter!.authorize(request, secret) : undefined;
  return authorized ? authorized.then(toOutbound) : toOutbound();
}

/** Returns the headers with those of the same names replaced. */
const replaceHeaders = (headers: readonly string[], by: NonNullable<Target['headers']>): string[] => [
  ...removeHeaders(
    headers,
    by.map(([name]) => name),
  ),
  ...by.flatMap(([name, value]) => (value === null ? [] : [name, value])),
];

/** Returns the query without `key`, where Gemini's clients may put their credential. */
function removeQueryKey(query: string): string {
  if (!query.includes('key=') && !query.includes('%')) return query;
  const remaining = query
    .slice(1)
    .split('&')
    .filter((pair) => !/^(?:k|%6b)(?:e|%65)(?:y|%79)=/i.test(pair));
  return remaining.length > 0 ? `?${remaining.join('&')}` : '';
}

/** Returns an upload as a stream that fails once it exceeds the limit. */
function limitBytes(source: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) return done(null, chunk);
      done(
        new GatewayError(
          'body_too_large',
          `The upload is larger than ${formatByteSize(maxBytes)}. Send it to the provider directly.`,
        ),
      );
    },
  });
  source.on('error', (error) => limit.destroy(error));
  source.on('close', () => {
    if (!source.readableEnded) limit.destroy(new Error('the client disconnected'));
  });
  return source.pipe(limit);
}
