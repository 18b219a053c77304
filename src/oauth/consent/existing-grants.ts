/**
 * For the library's `loadExistingGrant`: returns the grant of an authorization that needs no question. Each
 * authorization gets its own grant, so that ending one does not end the others.
 */
import { Injectable } from '@nestjs/common';
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { ACCOUNT_CLIENT_ID, isFirstPartyClient } from '../protocol/first-party-clients.js';
import { IDENTITY_SCOPES } from '../protocol/scopes.js';
import { interactionPolicy } from '../oidc-library/oidc-provider.js';
import { requiresRepeatedConsent } from './repeated-consent.js';
import { ConsentStore } from './consent.store.js';

@Injectable()
export class ExistingGrants {
  constructor(
    private readonly consents: ConsentStore,
    private readonly directory: OAuthClientLookup,
    private readonly config: AppConfig,
  ) {}

  /** Returns undefined if the person has to be asked. */
  async load(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { oidc } = ctx;
    const grantId = oidc.result?.consent?.grantId;
    if (grantId) return oidc.provider.Grant.find(grantId);
    if (requiresRepeatedConsent(ctx, this.config.http.publicUrl) || requestsConsent(ctx) || (await mustSignIn(ctx)))
      return undefined;
    const scopes = [...oidc.requestParamScopes];
    const isCovered = async (): Promise<boolean> =>
      oidc.client!.clientId === ACCOUNT_CLIENT_ID || this.#isCovered(ctx, scopes);
    if (!(await isCovered())) return undefined;
    const grant = createGrant(ctx, scopes);
    await grant.save();
    // Checks again: a consent that was revoked in the meantime has ended only the grants that existed then.
    if (await isCovered()) return grant;
    await grant.destroy();
    return undefined;
  }

  /**
   * Returns the version of the client, which grows when people must be asked again. First-party clients always have
   * version 1.
   */
  async getClientVersion(clientId: string): Promise<number> {
    if (isFirstPartyClient(clientId)) return 1;
    return (await this.directory.findByClientId(clientId))?.version ?? 0;
  }

  async #isCovered({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): Promise<boolean> {
    const resources = Object.values(oidc.resourceServers ?? {});
    const clientId = oidc.client!.clientId;
    const version = await this.getClientVersion(clientId);
    if (version === 0 || resources.length === 0) return false;
    for (const { audience } of resources) {
      const key = { userId: oidc.account!.accountId, clientId, resource: String(audience) };
      if (!(await this.consents.isCovered(key, scopes, version))) return false;
    }
    return true;
  }
}

/** Whether the app requests the question (OpenID Connect Core §3.1.2.1). */
const requestsConsent = ({ oidc }: KoaContextWithOIDC): boolean => oidc.prompts.has('consent') && !oidc.result?.consent;

/** The library's reasons to require a (new) sign-in. Consent is asked for after that. */
const SIGN_IN = interactionPolicy.base().get('login')!;

const mustSignIn = async (ctx: KoaContextWithOIDC): Promise<boolean> =>
  (await Promise.all([...SIGN_IN.checks].map(({ check }) => Promise.resolve(check(ctx))))).some(Boolean);

/** Returns a new grant with `scopes` for every resource of the request, as far as the resource has them. */
export function createGrant({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): Grant {
  const grant = new oidc.provider.Grant({ accountId: oidc.account!.accountId, clientId: oidc.client!.clientId });
  grantScopes(grant, Object.keys(oidc.resourceServers ?? {}), scopes);
  return grant;
}

/** Grants the scopes of a resource also as OIDC scopes, because the library checks both; people are asked once. */
export function grantScopes(grant: Grant, resources: readonly string[], scopes: readonly string[]): void {
  grant.addOIDCScope(scopes.join(' '));
  const resourceScopes = scopes.filter((scope) => !(IDENTITY_SCOPES as readonly string[]).includes(scope));
  if (resourceScopes.length === 0) return;
  for (const resource of resources) grant.addResourceScope(resource, resourceScopes.join(' '));
}
