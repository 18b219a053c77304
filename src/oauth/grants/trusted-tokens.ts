/**
 * Validates tokens of trusted identity providers: finds the issuer, checks the signature and the claims, accepts each
 * token once, and identifies its subject.
 */
import { Injectable } from '@nestjs/common';
import type { OAuthClient } from '../../clients/authentication/oauth-client.lookup.js';
import { IdentityLinker, type LinkedUser } from '../../idp-trust/identity-links/identity-linker.js';
import type { IdentityProvider } from '../../idp-trust/trusted-issuer/identity-provider.js';
import { IdentityProviderLookup } from '../../idp-trust/identity-providers/identity-provider.lookup.js';
import { JwtValidator } from '../../idp-trust/token-validation/jwt.validator.js';
import { TokenRefusal } from '../../idp-trust/trusted-issuer/token-refusal.js';
import { WorkloadResolver } from '../../idp-trust/workloads/workload-resolver.js';
import { ArtifactStore } from '../storage/artifacts/artifact.store.js';

/** `notAfter`: Unix milliseconds. A token issued for this identity must not outlive it. */
export type Identity =
  | { kind: 'user'; user: LinkedUser; provider: IdentityProvider; notAfter: number }
  | { kind: 'workload'; client: OAuthClient; provider: IdentityProvider; notAfter: number };

@Injectable()
export class TrustedTokens {
  constructor(
    private readonly directory: IdentityProviderLookup,
    private readonly validator: JwtValidator,
    private readonly linker: IdentityLinker,
    private readonly workloads: WorkloadResolver,
    private readonly artifacts: ArtifactStore,
  ) {}

  /** Returns the provider with exactly this issuer, within one organization. */
  async findProvider(token: string, organizationId: IdentityProvider['organizationId']): Promise<IdentityProvider> {
    const issuer = this.validator.readIssuer(token);
    const provider = issuer === null ? null : await this.directory.findByIssuer(organizationId, issuer);
    if (provider && !provider.isDisabled) return provider;
    throw new TokenRefusal(
      'jwt_issuer_unknown',
      `no trusted identity provider has the issuer ${JSON.stringify(issuer)}`,
    );
  }

  async identify(token: string, provider: IdentityProvider): Promise<Identity> {
    const validated = await this.validator.validate(token, provider);
    // Excludes the leeway for clock differences.
    const notAfter = Math.min(validated.expiresAt, Number(validated.claims.exp) * 1000);
    const isFirstUse = await this.artifacts.claim(
      'ReplayDetection',
      `assertion ${token}`,
      new Date(validated.expiresAt),
    );
    if (!isFirstUse) throw new TokenRefusal('jwt_replayed', 'this token was exchanged before');
    if (provider.kind === 'workload') {
      const client = await this.workloads.resolve(provider, validated);
      return { kind: 'workload', client, provider, notAfter };
    }
    return { kind: 'user', user: await this.linker.resolveUser(provider, validated), provider, notAfter };
  }
}
