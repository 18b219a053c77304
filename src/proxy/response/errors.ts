/** Errors for provider responses that cannot be translated, end too early or redirect. */
import { GatewayError } from '../../platform/errors/gateway-error.js';

export const createUntranslatableError = (cause: unknown): GatewayError =>
  new GatewayError('upstream_unreachable', 'The answer of the provider cannot be understood. Try again.', {
    reason: 'bad_response',
    internal: cause instanceof Error ? cause.message : String(cause),
    cause,
  });

export const createStreamCutError = (): GatewayError =>
  new GatewayError('upstream_unreachable', 'The provider ended its answer before it was complete. Try again.', {
    reason: 'stream_cut',
  });

export const createRedirectError = (status: number): GatewayError =>
  new GatewayError(
    'upstream_unreachable',
    'The provider answered with a redirect, which is not followed. Ask your administrator to check its address.',
    {
      reason: 'redirected',
      internal: `the provider answered with the status ${status}`,
    },
  );
