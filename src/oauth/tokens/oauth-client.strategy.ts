/** Authentication method 3: an application's own token (`llm_at_…`), from the client-credentials grant. */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../auth/methods/auth-method.js';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import type { PresentedCredential } from '../../auth/credentials/presented-credential.js';
import { toApplicationCaller } from '../../clients/authentication/application-caller.js';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { checkCompanion, VirtualKeyLookup } from '../../keys/virtual-keys/virtual-key.lookup.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { buildLlmResource } from '../protocol/scopes.js';
import { createInvalidTokenError, TokenLookup } from './token.lookup.js';

const NAME = 'oauth-client';

@Injectable()
export class OAuthClientStrategy extends PassportStrategy(CredentialStrategy, NAME) implements AuthMethod {
  override readonly name = NAME;
  readonly order = 30;
  readonly surfaces = ['provider-route', 'model-router'] as const;
  readonly #audience: string;

  constructor(
    methods: AuthMethods,
    private readonly tokens: TokenLookup,
    private readonly clients: OAuthClientLookup,
    private readonly virtualKeys: VirtualKeyLookup,
    config: AppConfig,
  ) {
    super();
    this.#audience = buildLlmResource(config.http.publicUrl).audience;
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return value.startsWith('llm_at_');
  }

  getCacheScope({ companion }: PresentedCredential): string {
    return companion === null ? '' : computeTokenDigestKey(companion);
  }

  /** The token only identifies the application. Its current rights are read from its record. */
  async validate({ value, companion }: PresentedCredential): Promise<Caller> {
    const token = await this.tokens.findAppToken(value);
    const client = await this.clients.findByClientId(token.clientId);
    if (!client?.organizationId || client.isDisabled) throw createInvalidTokenError('client_disabled');
    if (companion !== null)
      checkCompanion(await this.virtualKeys.getPassthrough(companion), client.organizationId, null);
    return {
      ...toApplicationCaller(client, client.organizationId),
      scopes: new Set(token.audience === this.#audience ? token.scopes : []),
      credentialId: token.id,
      expiresAt: token.expiresAt,
      tags: [
        authTag.oauthToken(token.id),
        authTag.oauthClient(client.id),
        authTag.organization(client.organizationId),
        ...(client.ownerId ? [authTag.user(client.ownerId)] : []),
      ],
    };
  }
}
