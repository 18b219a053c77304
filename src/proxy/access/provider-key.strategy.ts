/**
 * Authentication by the caller's own provider key. The gateway neither knows nor stores the key, so it cannot check it:
 * the provider does that. The organization is the LLM proxy's. A passthrough virtual key beside it names the user.
 */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { AuthMethods, CredentialStrategy, type AuthMethod, type AuthRoute } from '../../auth/methods/auth-method.js';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import {
  hasThreeSegments,
  isForbiddenUpstream,
  type PresentedCredential,
} from '../../auth/credentials/presented-credential.js';
import { VirtualKeyLookup } from '../../keys/virtual-keys/virtual-key.lookup.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { LlmProxyLookup } from '../../orgs/llm-proxies/llm-proxy.lookup.js';
import { Secret } from '../../platform/crypto/secret.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OrgId, ProxyId } from '../../platform/ids.js';

const NAME = 'provider-key';
const LLM_SCOPE: ReadonlySet<string> = new Set(['llm:proxy']);
const NOTHING: ReadonlySet<never> = new Set();
/** Enough of the digest to distinguish key holders in the records; too little for any other use. */
const FINGERPRINT_CHARS = 16;

@Injectable()
export class ProviderKeyStrategy extends PassportStrategy(CredentialStrategy, NAME) implements AuthMethod {
  override readonly name = NAME;
  /** Runs last: it accepts every credential without a format of the gateway's. */
  readonly order = 90;
  readonly surfaces = ['provider-route'] as const;

  constructor(
    methods: AuthMethods,
    private readonly proxies: LlmProxyLookup,
    private readonly virtualKeys: VirtualKeyLookup,
  ) {
    super();
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return !isForbiddenUpstream(value);
  }

  /** Where tokens of identity providers are expected, a value with the outline of one is treated as a damaged token. */
  findOtherOwner({ value }: PresentedCredential, { proxyId }: AuthRoute): Promise<string | null> | null {
    return hasThreeSegments(value) ? this.#findOwner(proxyId) : null;
  }

  async #findOwner(proxyId: ProxyId | null): Promise<string | null> {
    const { identityProviderIds } = await this.#findProxy(proxyId);
    return identityProviderIds.length > 0 ? 'idp-jwt' : null;
  }

  #findProxy(proxyId: ProxyId | null): LlmProxy | Promise<LlmProxy> {
    return proxyId ? this.proxies.getById(proxyId) : this.proxies.getDeploymentDefault();
  }

  getCacheScope({ companion }: PresentedCredential, { proxyId }: AuthRoute): string {
    return `${proxyId ?? 'default'} ${companion === null ? '' : computeTokenDigestKey(companion)}`;
  }

  async validate(presented: PresentedCredential, { proxyId }: AuthRoute): Promise<Caller> {
    const fingerprint = presented.digest.slice(0, FINGERPRINT_CHARS);
    if (presented.companion !== null) return this.#validatePassthrough(presented, presented.companion);
    const proxy = await this.#findProxy(proxyId);
    return {
      ...buildCallerBase(presented, proxy.organizationId),
      subject: { type: 'key-holder', fingerprint },
      // Holders of a provider key belong to none of the organization's teams.
      proxyAccess: { proxyIds: null, teamIds: NOTHING },
      allowedModels: null,
      credentialId: fingerprint,
      expiresAt: null,
      tags: [
        authTag.llmProxy(proxy.id),
        authTag.llmProxies(proxy.organizationId),
        authTag.organization(proxy.organizationId),
      ],
    };
  }

  async #validatePassthrough(presented: PresentedCredential, companion: string): Promise<Caller> {
    const key = await this.virtualKeys.getPassthrough(companion);
    return {
      ...buildCallerBase(presented, key.organizationId),
      subject: { type: 'virtual-key', id: key.id, ownerId: key.ownerId },
      proxyAccess: key.proxyAccess,
      payerTeamId: key.payerTeamId,
      allowedModels: key.allowedModels,
      credentialId: key.id,
      expiresAt: key.expiresAt,
      tags: key.tags,
    };
  }
}

function buildCallerBase(
  presented: PresentedCredential,
  organizationId: OrgId,
): Pick<Caller, 'method' | 'organizationId' | 'scopes' | 'permissions' | 'keySource'> {
  if (isForbiddenUpstream(presented.value))
    throw new GatewayError('credential_invalid', 'This credential is not a provider key.');
  return {
    method: NAME,
    organizationId,
    scopes: LLM_SCOPE,
    permissions: NOTHING,
    keySource: { kind: 'presented', secret: new Secret(presented.value) },
  };
}
