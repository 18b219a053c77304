/** Authenticates to the admin API with an admin API key (`arch_api_…`), which acts as its user within its scopes. */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../auth/methods/auth-method.js';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import type { PresentedCredential } from '../../auth/credentials/presented-credential.js';
import { AdminApiKeyLookup } from './admin-api-key.lookup.js';

const NAME = 'admin-api-key';

@Injectable()
export class AdminApiKeyStrategy extends PassportStrategy(CredentialStrategy, NAME) implements AuthMethod {
  override readonly name = NAME;
  readonly order = 10;
  /** Not the LLM routes: a leaked admin script must not let its reader spend money. */
  readonly surfaces = ['admin-api'] as const;

  constructor(
    methods: AuthMethods,
    private readonly lookup: AdminApiKeyLookup,
  ) {
    super();
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return value.startsWith('arch_api_');
  }

  getCacheScope(): string {
    return '';
  }

  async validate({ value }: PresentedCredential): Promise<Caller> {
    const key = await this.lookup.getByToken(value);
    return {
      method: NAME,
      subject: { type: 'admin-api-key', id: key.id, userId: key.userId },
      organizationId: key.organizationId,
      scopes: new Set(key.scopes),
      permissions: key.rights.permissions,
      keySource: { kind: 'member', userId: key.userId, teamId: null },
      proxyAccess: { proxyIds: null, teamIds: new Set(key.teamIds) },
      allowedModels: null,
      credentialId: key.id,
      expiresAt: key.expiresAt,
      tags: [
        authTag.adminApiKey(key.id),
        authTag.user(key.userId),
        authTag.organization(key.organizationId),
        ...key.rights.tags,
      ],
    };
  }
}
