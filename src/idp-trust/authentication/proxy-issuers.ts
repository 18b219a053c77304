/** Selects the identity provider of an LLM proxy that validates a token. */
import { Injectable } from '@nestjs/common';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { IdentityProviderLookup } from '../identity-providers/identity-provider.lookup.js';
import { VerificationPlan } from './passport-jwt-patch.js';
import { JwtValidator } from '../token-validation/jwt.validator.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';

@Injectable()
export class ProxyIssuers {
  constructor(
    private readonly providers: IdentityProviderLookup,
    private readonly validator: JwtValidator,
  ) {}

  /**
   * Selects by the exact issuer, without outgoing requests. Throws TokenRefusal when the LLM proxy trusts none of that
   * name.
   */
  async createPlan(proxy: LlmProxy, token: string): Promise<VerificationPlan> {
    const issuer = this.validator.readIssuer(token);
    const provider = issuer === null ? null : await this.providers.findByIssuer(proxy.organizationId, issuer);
    if (!provider || provider.isDisabled) {
      throw new TokenRefusal(
        'jwt_issuer_unknown',
        `no trusted identity provider has the issuer ${JSON.stringify(issuer)}`,
      );
    }
    if (!proxy.identityProviderIds.includes(provider.id)) {
      throw new TokenRefusal('jwt_issuer_not_linked', `${provider.name} is not linked to the LLM proxy ${proxy.name}`);
    }
    return new VerificationPlan(provider, (raw) => this.validator.validate(raw, provider));
  }
}
