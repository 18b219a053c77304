/**
 * Identifies the subject of an identity provider's token at the token endpoint. Throws TokenRefusal for a token that is
 * not trusted.
 */
import { Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { IdentityProvider } from '../../idp-trust/trusted-issuer/identity-provider.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { ExchangeOrganization } from './exchange-organization.js';
import { TrustedTokens, type Identity } from './trusted-tokens.js';

/** An identity assertion is made for one request (draft-ietf-oauth-identity-assertion-authz-grant §5). */
const ASSERTION_SECONDS = 300;
const ASSERTION_TYPE = 'oauth-id-jag+jwt';

@Injectable()
export class AssertedIdentity {
  constructor(
    private readonly organizations: ExchangeOrganization,
    private readonly trust: TrustedTokens,
    private readonly config: AppConfig,
  ) {}

  /** RFC 8693: accepts a token that would be accepted on a provider route. */
  async identifySubjectToken(ctx: KoaContextWithOIDC, token: string): Promise<Identity> {
    const provider = await this.trust.findProvider(token, await this.organizations.find(ctx));
    return this.trust.identify(token, provider);
  }

  /** ID-JAG: accepts an assertion that the provider made for this server and for this very client. */
  async identifyAssertion(ctx: KoaContextWithOIDC, token: string): Promise<Identity> {
    const provider = await this.trust.findProvider(token, await this.organizations.find(ctx));
    const assertionProvider: IdentityProvider = {
      ...provider,
      audiences: [this.config.http.publicUrl],
      extraAudiences: [],
      tokenTypes: [ASSERTION_TYPE],
      maxAgeSeconds: ASSERTION_SECONDS,
      authorizedParties: [],
      requiredClaims: { ...provider.requiredClaims, client_id: ctx.oidc.client!.clientId },
    };
    return this.trust.identify(token, assertionProvider);
  }
}
