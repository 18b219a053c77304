/** The format of a refusal in each family of APIs. */
import type { WireResponse } from './wire-client.js';

type FamilyId = 'openai' | 'mistral' | 'anthropic' | 'gemini' | 'cohere';

export interface Refusal {
  status: number;
  code: string;
  /** The invalid member, in OpenAI's format. */
  param?: string;
}

const STATUS_NAMES: Readonly<Record<number, readonly [openai: string, anthropic: string, gemini: string]>> = {
  400: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  401: ['authentication_error', 'authentication_error', 'UNAUTHENTICATED'],
  403: ['permission_error', 'permission_error', 'PERMISSION_DENIED'],
  404: ['not_found_error', 'not_found_error', 'NOT_FOUND'],
  413: ['invalid_request_error', 'request_too_large', 'INVALID_ARGUMENT'],
  415: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  426: ['invalid_request_error', 'invalid_request_error', 'FAILED_PRECONDITION'],
  429: ['rate_limit_error', 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
  502: ['server_error', 'api_error', 'UNAVAILABLE'],
  503: ['server_error', 'api_error', 'UNAVAILABLE'],
  504: ['server_error', 'timeout_error', 'DEADLINE_EXCEEDED'],
};

/** Expects exactly this refusal in the family's format, without further members. */
export function expectRefusal(family: FamilyId, answer: WireResponse, { status, code, param }: Refusal): void {
  const found = { status: answer.status, code: codeOf(answer), body: answer.json as unknown };
  const [openai, anthropic, gemini] = STATUS_NAMES[status]!;
  const message = expect.stringMatching(/^\S.{10,}/) as unknown;
  const told = { message, type: openai, param: param ?? null, code };
  const body = {
    openai: { error: told },
    // Mistral's SDKs validate flat members as well
    mistral: { object: 'error', ...told, error: told },
    anthropic: { type: 'error', error: { type: anthropic, message }, request_id: answer.headers['x-request-id'] },
    gemini: { error: { code: status, message, status: gemini, details: expect.any(Array) as unknown } },
    cohere: { message, id: answer.headers['x-request-id'] },
  }[family];
  expect(found).toEqual({ status, code, body });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['request-id']).toBe(answer.headers['x-request-id']);
  expect(answer.complete).toBe(true);
  expectChallenge(answer, code);
}

/**
 * RFC 6750 §3 and RFC 9728 §5.1: on every 401, and for a missing scope; the error is named only if the request had a
 * credential.
 */
function expectChallenge(answer: WireResponse, code: string): void {
  const header = answer.headers['www-authenticate'];
  if (code === 'insufficient_scope') {
    return expect(header).toMatch(/^Bearer realm="[^"]+", error="insufficient_scope", scope="llm:proxy"$/);
  }
  if (answer.status !== 401) return expect(header).toBeUndefined();
  expect(header).toMatch(/^Bearer realm="[^"]+",/);
  expect(header).toMatch(
    /, resource_metadata="http:\/\/localhost:\d+\/\.well-known\/oauth-protected-resource\/v1", scope="llm:proxy"$/,
  );
  expect(header!.includes('error="invalid_token"')).toBe(code !== 'credential_missing');
}

/** Returns the code from the body if the family's format has it, otherwise from the header. */
function codeOf(answer: WireResponse): unknown {
  const json = answer.json as { error?: { code?: unknown } } | undefined;
  return answer.headers['x-gateway-error'] ?? json?.error?.code;
}
