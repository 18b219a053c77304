/** Selects the identity providers through which people may, or must, sign in. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import type { IdentityProvider } from '../../idp-trust/trusted-issuer/identity-provider.js';
import { IdentityProviderLookup } from '../../idp-trust/identity-providers/identity-provider.lookup.js';
import { isUuid, type IdentityProviderId, type OrgId } from '../../platform/ids.js';

/** A provider with sign-in configured. */
export type SignInProvider = IdentityProvider & {
  readonly clientId: string;
  readonly endpoints: NonNullable<IdentityProvider['endpoints']>;
};

/** With more providers than this, people type their address instead of choosing a button. */
const MAX_BUTTONS = 3;

const READY = `p.kind = 'people' AND p.client_id IS NOT NULL AND p.endpoints IS NOT NULL AND NOT p.is_disabled`;

@Injectable()
export class SignInProviders {
  constructor(
    private readonly dataSource: DataSource,
    private readonly directory: IdentityProviderLookup,
    private readonly clients: OAuthClientLookup,
  ) {}

  /**
   * Returns the providers shown as buttons during a sign-in to an application: those of the organization that it
   * belongs to, else those of the deployment's default organization, if they are few.
   */
  async listOffered(clientId: string): Promise<SignInProvider[]> {
    const organizationId = await this.#findOrganizationId(clientId);
    const [scope, values] =
      organizationId === null
        ? ['p.organization_id = (SELECT id FROM organization WHERE is_default)', []]
        : ['p.organization_id = $1', [organizationId]];
    const found = await this.#find(scope, values);
    return organizationId === null && found.length > MAX_BUTTONS ? [] : found;
  }

  /** Whether an e-mail address alone may lead to a provider. */
  async supportsAddressDiscovery(clientId: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM identity_provider p
        WHERE ${READY} AND p.verified_domains <> '{}' AND ($1::uuid IS NULL OR p.organization_id = $1) LIMIT 1`,
      [await this.#findOrganizationId(clientId)],
    );
    return rows.length > 0;
  }

  /**
   * Returns the provider that has verified the domain of the address; of several, the oldest. Reveals nothing about
   * users.
   */
  async findByAddress(email: string, clientId: string): Promise<SignInProvider | null> {
    const [provider] = await this.#find(
      '$1 = ANY (p.verified_domains) AND ($2::uuid IS NULL OR p.organization_id = $2)',
      [getDomain(email), await this.#findOrganizationId(clientId)],
    );
    return provider ?? null;
  }

  /** Returns the provider that was chosen on the page, if people may sign in to this application through it. */
  async findChosen(id: string, clientId: string): Promise<SignInProvider | null> {
    const provider = isUuid(id) ? await this.directory.findById(id as IdentityProviderId) : null;
    if (provider === null || !isReady(provider)) return null;
    const organizationId = await this.#findOrganizationId(clientId);
    return organizationId === null || provider.organizationId === organizationId ? provider : null;
  }

  /**
   * Returns the provider that the user with this address must sign in through. Only a provider of their own
   * organization counts, even if another one claims the domain. Owners may always use their password, so that a broken
   * provider cannot lock everyone out.
   */
  async findRequired(email: string): Promise<SignInProvider | null> {
    const [provider] = await this.#find(
      `p.enforce_sign_in AND $1 = ANY (p.verified_domains) AND p.organization_id =
        (SELECT u.organization_id FROM app_user u WHERE u.email = $2 AND u.role <> 'owner')`,
      [getDomain(email), email],
    );
    return provider ?? null;
  }

  async #findOrganizationId(clientId: string): Promise<OrgId | null> {
    return (await this.clients.findByClientId(clientId))?.organizationId ?? null;
  }

  async #find(condition: string, values: unknown[]): Promise<SignInProvider[]> {
    const rows = await this.dataSource.query<{ id: IdentityProviderId }[]>(
      `SELECT p.id FROM identity_provider p WHERE ${READY} AND ${condition} ORDER BY p.created_at, p.id`,
      values,
    );
    const providers = await Promise.all(rows.map(({ id }) => this.directory.findById(id)));
    return providers.filter((provider) => provider !== null).filter(isReady);
  }
}

export const isReady = (provider: IdentityProvider): provider is SignInProvider =>
  provider.kind === 'people' && provider.clientId !== null && provider.endpoints !== null && !provider.isDisabled;

const getDomain = (email: string): string => email.slice(email.lastIndexOf('@') + 1);
