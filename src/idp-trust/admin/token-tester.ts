/**
 * Shows an admin how a token would be treated: each check, and the user or application. Writes nothing, stores no
 * token.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import type { IdentityProviderId } from '../../platform/ids.js';
import { IdentityLinker } from '../identity-links/identity-linker.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import { IdentityProviderLookup } from '../identity-providers/identity-provider.lookup.js';
import { loadIdentityProvider } from '../identity-providers/identity-providers.reader.js';
import { JwtValidator } from '../token-validation/jwt.validator.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import type { TokenApplicationView, TokenTestView, TokenUserView, UsedClaimsView } from './token-test.dto.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';
import { WorkloadResolver } from '../workloads/workload-resolver.js';

/** The user or application that a genuine token identifies. */
type ResolvedSubject = { user: TokenUserView | null; application: TokenApplicationView | null };

const NO_SUBJECT: ResolvedSubject = { user: null, application: null };

@Injectable()
export class TokenTester {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: IdentityProviderLookup,
    private readonly validator: JwtValidator,
    private readonly linker: IdentityLinker,
    private readonly workloads: WorkloadResolver,
  ) {}

  async test(actor: Actor, id: string, token: string): Promise<TokenTestView> {
    await loadIdentityProvider(this.dataSource.manager, actor, id);
    const provider = await this.providers.findById(id as IdentityProviderId);
    if (!provider) throw notFound('identity provider', id);
    const { checks, validated, refusal } = await this.validator.inspect(token, provider);
    const common = { checks: [...checks], claims: validated && toUsedClaims(validated) };
    if (validated === null) {
      const { reason, detail } = refusal ?? {
        reason: 'idp_unreachable' as const,
        detail: 'The keys of the provider cannot be fetched.',
      };
      return { ...common, ...NO_SUBJECT, isAccepted: false, refusal: { reason, detail } };
    }
    try {
      return { ...common, ...(await this.#resolve(provider, validated)), isAccepted: true, refusal: null };
    } catch (error) {
      if (!(error instanceof TokenRefusal)) throw error;
      const { reason, detail } = error;
      return { ...common, ...NO_SUBJECT, isAccepted: false, refusal: { reason, detail } };
    }
  }

  async #resolve(provider: IdentityProvider, validated: ValidatedToken): Promise<ResolvedSubject> {
    if (provider.kind === 'workload') {
      const { id, name } = await this.workloads.resolve(provider, validated);
      return { user: null, application: { oauthClientId: id, name } };
    }
    const { matchKind, userId, email, role, teamIds } = await this.linker.preview(provider, validated);
    return { user: { source: matchKind, userId, email, role, teamIds }, application: null };
  }
}

const toUsedClaims = (validated: ValidatedToken): UsedClaimsView => ({
  subject: validated.subject,
  email: validated.email?.address ?? null,
  isEmailVerified: validated.email?.isVerified ?? false,
  displayName: validated.name,
  groups: validated.groups,
  isIdToken: validated.isIdToken,
  expiresAt: new Date(validated.expiresAt),
});
