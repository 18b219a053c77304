/** Issues the token for the subject of an assertion: short-lived, for LLM routes only, and without a refresh token. */
import { Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Accounts } from '../oidc-library/accounts.js';
import { grantScopes } from '../consent/existing-grants.js';
import { LLM_SCOPE, buildLlmResource, findResource } from '../protocol/scopes.js';
import { errors } from '../oidc-library/oidc-provider.js';
import { TokenLifetimes } from '../tokens/lifetimes.js';
import type { Identity } from './trusted-tokens.js';

export interface IssuedToken {
  value: string;
  expiresInSeconds: number;
  scope: string;
}

/** Maximum, independent of the lifetime of the organization's other tokens: the provider is to be asked again soon. */
const MAX_TOKEN_SECONDS = 3600;

type UserIdentity = Extract<Identity, { kind: 'user' }>;
type WorkloadIdentity = Extract<Identity, { kind: 'workload' }>;

@Injectable()
export class IssuedTokens {
  constructor(
    private readonly accounts: Accounts,
    private readonly lifetimes: TokenLifetimes,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Validates the request before the assertion is used up. Throws `invalid_scope` or `invalid_target`. */
  check(ctx: KoaContextWithOIDC): void {
    const { scope = LLM_SCOPE } = ctx.oidc.params!;
    if (scope !== LLM_SCOPE) throw new errors.InvalidScope(`only ${LLM_SCOPE} can be requested here`, LLM_SCOPE);
    this.#resolveIndicator(ctx.oidc.params!.resource);
  }

  async issue(ctx: KoaContextWithOIDC, identity: Identity): Promise<IssuedToken> {
    const indicator = this.#resolveIndicator(ctx.oidc.params!.resource);
    return identity.kind === 'user'
      ? this.#issueToUser(ctx, identity, indicator)
      : this.#issueToWorkload(ctx, identity, indicator);
  }

  #resolveIndicator(resource: unknown): string {
    const { audience } = buildLlmResource(this.config.http.publicUrl);
    if (resource === undefined) return audience;
    if (typeof resource === 'string' && findResource(this.config.http.publicUrl, resource)?.audience === audience)
      return resource;
    throw new errors.InvalidTarget('unknown resource');
  }

  async #issueToUser(ctx: KoaContextWithOIDC, identity: UserIdentity, indicator: string): Promise<IssuedToken> {
    const { provider, client } = ctx.oidc;
    const { clientId } = client!;
    const user = await this.accounts.findUser(identity.user.userId);
    if (!user || (await this.accounts.findRefusal(user, clientId)) !== null)
      throw new errors.InvalidGrant('the user may not use this client');
    const { userSeconds } = await this.lifetimes.get(user.organizationId);
    const expiresInSeconds = this.#computeLifetimeSeconds(identity, userSeconds);
    const grant = new provider.Grant({ accountId: user.id, clientId });
    grantScopes(grant, [indicator], [LLM_SCOPE]);
    const token = new provider.AccessToken({
      accountId: user.id,
      client: client!,
      grantId: await grant.save(),
      gty: 'token_exchange',
      scope: LLM_SCOPE,
      resourceServer: this.#createResourceServer(ctx, indicator),
      expiresIn: expiresInSeconds,
    } as never);
    return { value: await token.save(), expiresInSeconds, scope: LLM_SCOPE };
  }

  /** Issues the token to the application that the workload is bound to, not to the client that asks. */
  async #issueToWorkload(ctx: KoaContextWithOIDC, identity: WorkloadIdentity, indicator: string): Promise<IssuedToken> {
    const { provider } = ctx.oidc;
    const client = await provider.Client.find(identity.client.clientId);
    if (!client) throw new errors.InvalidGrant('the application is disabled');
    const { clientSeconds } = await this.lifetimes.get(identity.provider.organizationId);
    const expiresInSeconds = this.#computeLifetimeSeconds(
      identity,
      identity.client.tokenLifetimeSeconds ?? clientSeconds,
    );
    const token = new provider.ClientCredentials({
      client,
      scope: LLM_SCOPE,
      resourceServer: this.#createResourceServer(ctx, indicator),
      expiresIn: expiresInSeconds,
    } as never);
    return { value: await token.save(), expiresInSeconds, scope: LLM_SCOPE };
  }

  #createResourceServer(ctx: KoaContextWithOIDC, indicator: string): object {
    const { audience, scopes } = buildLlmResource(this.config.http.publicUrl);
    const data = { audience, scope: scopes.join(' '), accessTokenFormat: 'opaque' as const };
    return new ctx.oidc.provider.ResourceServer(indicator, data);
  }

  /** Returns the lifetime, at most the remaining lifetime of the assertion. */
  #computeLifetimeSeconds({ notAfter }: Identity, lifetime: number): number {
    const remainingSeconds = Math.floor((notAfter - this.clock.now()) / 1000);
    if (remainingSeconds < 1) throw new errors.InvalidGrant('the token has expired');
    return Math.min(remainingSeconds, lifetime, MAX_TOKEN_SECONDS);
  }
}
