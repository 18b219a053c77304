import { GatewayError } from '../../platform/errors/gateway-error.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';

/** Returns one response for every fault of a token; the log and the record of the call hold the exact reason. */
export function toUniformRefusal(error: unknown): unknown {
  if (!(error instanceof TokenRefusal)) return error;
  return new GatewayError(
    'credential_invalid',
    'This token is not accepted here. Fetch a new one from your identity provider. If that fails too, ask your administrator to test it.',
    { reason: error.reason, internal: error.detail },
  );
}
