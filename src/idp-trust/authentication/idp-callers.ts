/** Maps a genuine token to the caller: the linked user, or the application that a workload is bound to. */
import { Injectable } from '@nestjs/common';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import type { PresentedCredential } from '../../auth/credentials/presented-credential.js';
import { toApplicationCaller } from '../../clients/authentication/application-caller.js';
import { checkCompanion, VirtualKeyLookup } from '../../keys/virtual-keys/virtual-key.lookup.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { IdentityLinker } from '../identity-links/identity-linker.js';
import type { VerifiedToken } from './passport-jwt-patch.js';
import { WorkloadResolver } from '../workloads/workload-resolver.js';

const NAME = 'idp-jwt';
const LLM_SCOPE: ReadonlySet<string> = new Set(['llm:proxy']);
/** Enough of the digest to distinguish tokens in the records. */
const FINGERPRINT_CHARS = 16;

@Injectable()
export class IdpCallers {
  constructor(
    private readonly linker: IdentityLinker,
    private readonly workloads: WorkloadResolver,
    private readonly virtualKeys: VirtualKeyLookup,
  ) {}

  /** Throws TokenRefusal for a subject that the organization does not know. */
  async resolve(verified: VerifiedToken, presented: PresentedCredential, proxy: LlmProxy): Promise<Caller> {
    const { provider, validated } = verified;
    const common = {
      method: NAME,
      organizationId: provider.organizationId,
      scopes: LLM_SCOPE,
      allowedModels: null,
      credentialId: presented.digest.slice(0, FINGERPRINT_CHARS),
      expiresAt: validated.expiresAt,
    };
    const tags = [
      authTag.identityProvider(provider.id),
      authTag.identityProviderKey(provider.id, validated.keyId),
      authTag.organization(provider.organizationId),
      authTag.llmProxy(proxy.id),
      authTag.llmProxies(proxy.organizationId),
    ];
    if (provider.kind === 'workload') {
      const client = await this.workloads.resolve(provider, validated);
      await this.#checkCompanion(presented, verified, null);
      return {
        ...toApplicationCaller(client, provider.organizationId),
        ...common,
        tags: [...tags, authTag.oauthClient(client.id)],
      };
    }
    const user = await this.linker.resolveUser(provider, validated);
    await this.#checkCompanion(presented, verified, user.userId);
    return {
      ...common,
      subject: { type: 'user', id: user.userId, viaClient: null },
      permissions: user.rights.permissions,
      keySource: { kind: 'member', userId: user.userId, teamId: null },
      proxyAccess: { proxyIds: null, teamIds: new Set(user.teamIds) },
      tags: [...tags, authTag.user(user.userId), ...user.rights.tags, ...user.teamIds.map(authTag.team)],
    };
  }

  async #checkCompanion(
    { companion }: PresentedCredential,
    { provider }: VerifiedToken,
    userId: Parameters<typeof checkCompanion>[2],
  ): Promise<void> {
    if (companion === null) return;
    checkCompanion(await this.virtualKeys.getPassthrough(companion), provider.organizationId, userId);
  }
}
