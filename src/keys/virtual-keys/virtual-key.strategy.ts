/**
 * Authentication method 2: a virtual key (`arch_…`), which maps to stored provider keys. One query reads everything
 * about it.
 */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../auth/methods/auth-method.js';
import type { Caller } from '../../auth/callers/caller.js';
import {
  COMPANION_HEADER,
  isKeyOfGateway,
  type PresentedCredential,
} from '../../auth/credentials/presented-credential.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { checkCompanion, VirtualKeyLookup, type FoundVirtualKey } from './virtual-key.lookup.js';

const NAME = 'virtual-key';
const NOTHING: ReadonlySet<never> = new Set();
const LLM_SCOPE: ReadonlySet<string> = new Set(['llm:proxy']);

@Injectable()
export class VirtualKeyStrategy extends PassportStrategy(CredentialStrategy, NAME) implements AuthMethod {
  override readonly name = NAME;
  readonly order = 20;
  readonly surfaces = ['provider-route', 'model-router'] as const;

  constructor(
    methods: AuthMethods,
    private readonly lookup: VirtualKeyLookup,
  ) {
    super();
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return isKeyOfGateway(value) && !value.startsWith('arch_api_');
  }

  getCacheScope({ companion }: PresentedCredential): string {
    return companion === null ? '' : computeTokenDigestKey(companion);
  }

  async validate({ value, companion }: PresentedCredential): Promise<Caller> {
    const key = await this.lookup.getByToken(value);
    if (key.keyType === 'passthrough') {
      throw new GatewayError(
        'credential_wrong_header',
        `This is a passthrough key: send it in ${COMPANION_HEADER}, and your own provider credential where the provider expects it.`,
      );
    }
    if (companion !== null)
      checkCompanion(await this.lookup.getPassthrough(companion), key.organizationId, key.ownerId);
    return toVirtualKeyCaller(key);
  }
}

/** Returns the caller that the key authenticates. */
export function toVirtualKeyCaller(key: FoundVirtualKey): Caller {
  return {
    method: NAME,
    subject: { type: 'virtual-key', id: key.id, ownerId: key.ownerId },
    organizationId: key.organizationId,
    scopes: LLM_SCOPE,
    permissions: NOTHING,
    keySource: { kind: 'bound', keys: key.bindings },
    proxyAccess: key.proxyAccess,
    payerTeamId: key.payerTeamId,
    allowedModels: key.allowedModels,
    credentialId: key.id,
    expiresAt: key.expiresAt,
    tags: key.tags,
  };
}
