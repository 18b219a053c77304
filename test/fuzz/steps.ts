/** One request of the fuzz suite, and the conditions on its response. */
import fc from 'fast-check';
import type { Json } from '../support/http/admin-client.js';

export type StepShape = 'openai' | 'anthropic' | 'gemini' | 'cohere' | 'bedrock' | 'problem' | 'scim' | 'oauth';

export interface Step {
  /** The call's name, for display. */
  title: string;
  shape: StepShape;
  method: string;
  /** The request target with its query. */
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array | undefined;
  /** Allowed in addition to those of every request. */
  statuses: readonly number[];
}

/** Statuses that the HTTP layer may return for every request: RFC 9110 and RFC 6585. */
const TRANSPORT_STATUSES = [400, 404, 405, 413, 414, 415, 429, 431];

export interface StepResponse {
  status: number;
  headers: Headers;
  text: string;
}

/** Returns what is wrong with the response; null: nothing. */
export function faultOfResponse(step: Step, response: StepResponse, secrets: readonly string[]): string | null {
  const { status, headers, text } = response;
  if (!step.statuses.includes(status) && !TRANSPORT_STATUSES.includes(status))
    return `the status ${status} is not documented: ${text.slice(0, 300)}`;
  const everything = `${[...headers].flat().join('\n')}\n${text}`;
  if (secrets.some((secret) => everything.includes(secret))) return 'the response contains a secret';
  if (/\bat \S+ \(?(?:file:|node:|\/)|QueryFailedError|typeorm|node_modules/.test(text) && status >= 400)
    return `the response shows internals: ${text.slice(0, 300)}`;
  // A request whose head is too large is unknown, so its error cannot have a surface's format.
  return status >= 400 && status !== 431 && !hasShape(step, response)
    ? `no error of ${step.shape}: ${text.slice(0, 300)}`
    : null;
}

function hasShape({ shape, method }: Step, { status, headers, text }: StepResponse): boolean {
  if (method === 'HEAD') return true;
  const type = headers.get('content-type') ?? '';
  if (shape === 'oauth' && type.startsWith('text/html')) return text.includes('<h1');
  const json = parsed(text);
  if (json === null || typeof json !== 'object') return false;
  switch (shape) {
    case 'openai':
      return typeof json.error?.message === 'string';
    case 'anthropic':
      return json.type === 'error' && typeof json.error?.type === 'string' && typeof json.error.message === 'string';
    case 'gemini':
      return typeof json.error?.status === 'string' && typeof json.error.message === 'string';
    case 'cohere':
    case 'bedrock':
      return typeof json.message === 'string';
    case 'problem':
      return type.startsWith('application/problem+json') && json.status === status && typeof json.code === 'string';
    case 'scim':
      return json.status === String(status) && Array.isArray(json.schemas);
    // Requests that match no endpoint are refused before the authorization server sees them.
    case 'oauth':
      return typeof json.error === 'string' || typeof json.code === 'string';
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const encoded = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value) ?? '');

/** Encodes the text as a client would in a URL, if possible. */
export function inUrl(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).slice(0, 6_000);
}

/** Prevents any address from exhausting its limits. */
export const anyAddress: fc.Arbitrary<string> = fc.ipV4();
