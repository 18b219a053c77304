/**
 * For the library's `loadExistingGrant`: the grant of an authorization that needs no question. Each authorization gets a
 * grant of its own, so that ending one does not end the others.
 */
import { Injectable } from '@nestjs/common';
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientDirectory } from '../../clients/oauth-client.directory.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { ACCOUNT_CLIENT_ID, isOurs } from '../clients-of-ours.js';
import { IDENTITY_SCOPES } from '../scopes.js';
import { interactionPolicy } from '../server/library.js';
import { isAskedEachTime } from './asked-each-time.js';
import { Consents } from './consents.js';

@Injectable()
export class ExistingGrants {
  constructor(
    private readonly consents: Consents,
    private readonly directory: OAuthClientDirectory,
    private readonly config: AppConfig,
  ) {}

  /** Undefined: the person has to be asked. */
  async load(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { oidc } = ctx;
    const decided = oidc.result?.consent?.grantId;
    if (decided) return oidc.provider.Grant.find(decided);
    if (isAskedEachTime(ctx, this.config.http.publicUrl) || wantsQuestion(ctx) || (await mustSignIn(ctx)))
      return undefined;
    const scopes = [...oidc.requestParamScopes];
    const isCovered = async (): Promise<boolean> =>
      oidc.client!.clientId === ACCOUNT_CLIENT_ID || this.#isCovered(ctx, scopes);
    if (!(await isCovered())) return undefined;
    const grant = newGrant(ctx, scopes);
    await grant.save();
    // Whoever has taken the consent back meanwhile has ended the grants that there were.
    if (await isCovered()) return grant;
    await grant.destroy();
    return undefined;
  }

  /** Grows when people must be asked again; a client of ours is as old as the product. */
  async versionOf(clientId: string): Promise<number> {
    if (isOurs(clientId)) return 1;
    return (await this.directory.byClientId(clientId))?.version ?? 0;
  }

  async #isCovered({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): Promise<boolean> {
    const resources = Object.values(oidc.resourceServers ?? {});
    const clientId = oidc.client!.clientId;
    const version = await this.versionOf(clientId);
    if (version === 0 || resources.length === 0) return false;
    for (const { audience } of resources) {
      const of = { userId: oidc.account!.accountId, clientId, resource: String(audience) };
      if (!(await this.consents.cover(of, scopes, version))) return false;
    }
    return true;
  }
}

/** The app has asked for the question (OpenID Connect Core §3.1.2.1). */
const wantsQuestion = ({ oidc }: KoaContextWithOIDC): boolean => oidc.prompts.has('consent') && !oidc.result?.consent;

/** The library's reasons to have a person sign in (again); what is granted is asked after that. */
const SIGN_IN = interactionPolicy.base().get('login')!;

const mustSignIn = async (ctx: KoaContextWithOIDC): Promise<boolean> =>
  (await Promise.all([...SIGN_IN.checks].map(({ check }) => Promise.resolve(check(ctx))))).some(Boolean);

/** With `scopes` for every resource of the request, as far as it has them. */
export function newGrant({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): Grant {
  const grant = new oidc.provider.Grant({ accountId: oidc.account!.accountId, clientId: oidc.client!.clientId });
  grantScopes(grant, Object.keys(oidc.resourceServers ?? {}), scopes);
  return grant;
}

/** Scopes of a resource are granted as the library's own ones as well: it asks for both, and people are asked once. */
export function grantScopes(grant: Grant, resources: readonly string[], scopes: readonly string[]): void {
  grant.addOIDCScope(scopes.join(' '));
  const ofResource = scopes.filter((scope) => !(IDENTITY_SCOPES as readonly string[]).includes(scope));
  if (ofResource.length === 0) return;
  for (const resource of resources) grant.addResourceScope(resource, ofResource.join(' '));
}
