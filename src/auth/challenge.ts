import { GatewayError } from '../platform/errors/gateway-error.js';

/**
 * The 401 with its `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1). `error` is only named when a token came. The
 * metadata address names the resource by the path the client used, without query, so that it can find our
 * authorization server by itself.
 */
export function challenge(error: GatewayError, publicUrl: string, rawUrl: string): GatewayError {
  const isApi = rawUrl.startsWith('/api');
  const resource = isApi ? '/api' : '/v1';
  const scope = isApi ? 'admin:read' : 'llm:proxy';
  const parts = [
    `Bearer realm="gatehouse"`,
    ...(error.code === 'credential_missing' ? [] : ['error="invalid_token"']),
    `resource_metadata="${publicUrl}/.well-known/oauth-protected-resource${resource}"`,
    `scope="${scope}"`,
  ];
  return new GatewayError(error.code, error.detail, {
    ...error,
    cause: error.cause,
    headers: { ...error.headers, 'www-authenticate': parts.join(', ') },
  });
}
