import type { Secret } from '../platform/crypto/secret.js';
import type { ProviderAdapter } from './provider-adapter.js';

/** Who pays for a call: each call by itself, or a seat at the vendor that covers it. */
export type Billing = 'metered' | 'subscription';

/** Told by the provider credential alone: what a client says of itself changes nothing. `secret` null: none is known yet, or needed. */
export const billingOf = (adapter: ProviderAdapter | null | undefined, secret: Secret | null): Billing =>
  secret !== null && adapter?.isSubscription?.(secret) ? 'subscription' : 'metered';
