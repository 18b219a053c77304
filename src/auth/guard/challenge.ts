import { GatewayError } from '../../platform/errors/gateway-error.js';

/**
 * Adds `WWW-Authenticate` to a 401 (RFC 6750 §3, RFC 9728 §5.1). `error` is present only when a token was sent. The
 * metadata URL names the resource by the path that the client used, without query, so that the client can discover the
 * authorization server.
 */
export function addChallenge(error: GatewayError, publicUrl: string, rawUrl: string): GatewayError {
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
