/** Authentication method 3: an application's own token (`llm_at_…`), from the client-credentials grant. */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../auth/methods/auth-method.js';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import type { PresentedCredential } from '../../auth/credentials/presented-credential.js';
import { applicationCaller } from '../../clients/authentication/application-caller.js';
import { OAuthClientDirectory } from '../../clients/authentication/oauth-client.lookup.js';
import { checkCompanion, VirtualKeyLookup } from '../../keys/virtual-keys/virtual-key.lookup.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { tokenDigestKey } from '../../platform/crypto/token-digest.js';
import { llmResource } from '../protocol/scopes.js';
import { invalidToken, TokenLookup } from './token.lookup.js';

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
    private readonly clients: OAuthClientDirectory,
    private readonly virtualKeys: VirtualKeyLookup,
    config: AppConfig,
  ) {
    super();
    this.#audience = llmResource(config.http.publicUrl).audience;
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return value.startsWith('llm_at_');
  }

  cacheScope({ companion }: PresentedCredential): string {
    return companion === null ? '' : tokenDigestKey(companion);
  }

  /** The token only identifies the application. Its current rights are read from its record. */
  async validate({ value, companion }: PresentedCredential): Promise<Caller> {
    const token = await this.tokens.ofApp(value);
    const client = await this.clients.byClientId(token.clientId);
    if (!client?.organisationId || client.isDisabled) throw invalidToken('client_disabled');
    if (companion !== null) checkCompanion(await this.virtualKeys.passthrough(companion), client.organisationId, null);
    return {
      ...applicationCaller(client, client.organisationId),
      scopes: new Set(token.audience === this.#audience ? token.scopes : []),
      credentialId: token.id,
      expiresAt: token.expiresAt,
      tags: [
        authTag.oauthToken(token.id),
        authTag.oauthClient(client.id),
        authTag.organisation(client.organisationId),
        ...(client.ownerId ? [authTag.user(client.ownerId)] : []),
      ],
    };
  }
}
