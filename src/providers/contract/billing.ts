import type { Secret } from '../../platform/crypto/secret.js';
import type { ProviderAdapter } from './provider-adapter.js';

/** Billing of a call: each call individually, or covered by a seat at the vendor. */
export type Billing = 'metered' | 'subscription';

/**
 * Determines the billing by the provider credential alone; claims of the client have no effect. `secret` is null if
 * none is known yet, or needed.
 */
export const getBilling = (adapter: ProviderAdapter | null | undefined, secret: Secret | null): Billing =>
  secret !== null && adapter?.isSubscription?.(secret) ? 'subscription' : 'metered';
