/** Refusals of the gateway that every client must show well, and how to provoke each. */
import type { Json } from '../http/admin-client.js';
import type { Scenario, Target } from './scenario.js';

export interface Refusal {
  name: string;
  status: number;
  code: string;
  target: (scenario: Scenario, provider?: string) => Target;
  /** The sentence that the developer must see. */
  sentence: (scenario: Scenario, told: { providerName: string; model: string }) => string;
}

export const REFUSALS: readonly Refusal[] = [
  {
    name: 'no credential',
    status: 401,
    code: 'credential_missing',
    target: (scenario, provider) => scenario.target('', { provider }),
    sentence: () =>
      'Send a virtual key (arch_…), a token or your own provider key, as `Authorization: Bearer <key>` or in the header your client uses.',
  },
  {
    name: 'an unknown virtual key',
    status: 401,
    code: 'credential_invalid',
    target: (scenario, provider) => scenario.target(scenario.keys.unknown, { provider }),
    sentence: () =>
      'This virtual key is not known or was revoked. Check that the whole key was copied, or create a new one.',
  },
  {
    name: 'an expired virtual key',
    status: 401,
    code: 'credential_expired',
    target: (scenario, provider) => scenario.target(scenario.keys.expired, { provider }),
    sentence: ({ keys }) => `This virtual key expired at ${keys.expiredAt}. Ask for a new one, or rotate it.`,
  },
  {
    name: 'a virtual key that is not mapped to the provider',
    status: 400,
    code: 'provider_not_mapped',
    target: (scenario, provider) => scenario.target(scenario.keys.unmapped, { provider }),
    sentence: (_, { providerName }) =>
      `This credential has no key for ${providerName}. This key has no mapping for it: an admin can add one.`,
  },
  {
    name: 'a model that the LLM proxy denies',
    status: 403,
    code: 'policy_denied',
    target: (scenario, provider) =>
      scenario.target(scenario.keys.virtual, { provider, proxyId: scenario.closedProxyId }),
    sentence: (_, { model }) => `The model ${model} is denied on the LLM proxy "Closed".`,
  },
];

/** The message for a client when the provider breaks the connection in the middle of a response. */
export const BROKEN_OFF = 'The upstream service closed the connection before its response was complete.';

/**
 * Checks after a refusal that the client tried once, nothing reached the provider, and the call is recorded with its
 * code.
 */
export async function expectRefused(scenario: Scenario, { status, code }: Refusal): Promise<void> {
  expect(scenario.sent.attempts).toBe(1);
  expect(scenario.vendor.started).toBe(0);
  expect(await scenario.record()).toMatchObject({ status, errorCode: code, outcome: 'refused', costUsd: null });
}

/** Returns the error of a rejected promise. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Json> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('this should have failed');
}
