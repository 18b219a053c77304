import { GatewayError } from '../../platform/errors/gateway-error.js';

/**
 * Returns the result of a lookup. Every failure but a GatewayError is an outage of the gateway: rejects with
 * `temporarily_unavailable`.
 */
export async function orTemporarilyUnavailable<T>(lookup: Promise<T>): Promise<T> {
  try {
    return await lookup;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError(
      'temporarily_unavailable',
      'The gateway cannot read the settings for this call at the moment. Try again in a few seconds.',
      { retryAfterSeconds: 2, internal: cause instanceof Error ? cause.message : String(cause), cause },
    );
  }
}
