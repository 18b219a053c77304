/** Announces when sign-in through a provider becomes mandatory, so that sessions opened by a password end. */
import { Injectable } from '@nestjs/common';
import type { Work } from '../../platform/database/unit-of-work.js';

/**
 * Members of the organization, except owners, with an address in one of the domains can no longer sign in by password.
 */
export interface Enforcement {
  organizationId: string;
  /** Lower case. */
  domains: readonly string[];
}

type EnforcementListener = (work: Work, enforcement: Enforcement) => Promise<void>;

interface EnforcementSettings {
  organizationId: string;
  kind: string;
  clientId: string | null;
  endpoints: object | null;
  enforceSignIn: boolean;
  isDisabled: boolean;
  verifiedDomains: readonly string[];
}

/** Lets the owner of browser sessions end them in the transaction of the change. */
@Injectable()
export class EnforcedSignIn {
  readonly #listeners: EnforcementListener[] = [];

  listen(listener: EnforcementListener): void {
    this.#listeners.push(listener);
  }

  /** `before`: null for a new provider. Announces the domains that the change brings under enforcement, if any. */
  async announceChange(
    work: Work,
    before: Omit<EnforcementSettings, 'organizationId'> | null,
    after: EnforcementSettings,
  ): Promise<void> {
    const enforcedBefore = new Set(before ? findEnforcedDomains(before) : []);
    const domains = findEnforcedDomains(after).filter((domain) => !enforcedBefore.has(domain));
    if (domains.length === 0) return;
    for (const listener of this.#listeners) await listener(work, { organizationId: after.organizationId, domains });
  }
}

const findEnforcedDomains = (provider: Omit<EnforcementSettings, 'organizationId'>): readonly string[] => {
  const { kind, clientId, endpoints, enforceSignIn, isDisabled, verifiedDomains } = provider;
  const isInForce = enforceSignIn && !isDisabled && kind === 'people' && clientId !== null && endpoints !== null;
  return isInForce ? verifiedDomains : [];
};
