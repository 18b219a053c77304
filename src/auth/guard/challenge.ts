import { GatewayError } from '../../platform/errors/gateway-error.js';

/**
 * Adds `WWW-Authenticate` to a 401 (RFC 6750 §3, RFC 9728 §5.1). `error` is present only when a token was sent. The
 * URL of the metadata of `resource` lets the client discover the authorization server.
 */
export function addChallenge(error: GatewayError, publicUrl: string, resource: '/api' | '/v1'): GatewayError {
  const scope = resource === '/api' ? 'admin:read' : 'llm:proxy';
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
