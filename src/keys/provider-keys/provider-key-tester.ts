/** Tests a stored key with one harmless call to its provider, made like an LLM call. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Egress } from '../../platform/egress/egress.js';
import { toGatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { findProvider } from '../../providers/registry.js';
import { AccessTokens } from '../credentials/access-tokens.js';
import { checkMayManage } from '../ownership/key-access.policy.js';
import { KeyActorReader } from '../ownership/key-actor.reader.js';
import type { ProviderKeyTestView } from './provider-keys.dto.js';
import { fetchWithKey } from '../credentials/keyed-fetch.js';
import { ProviderKeyLookup } from '../credentials/provider-key.lookup.js';
import { loadProviderKey, toOwnedKey } from './provider-keys.reader.js';
import type { UpstreamCredential } from '../credentials/upstream-credential.js';
import { applyServer } from '../credentials/upstream-server.js';

const BOUNDS = {
  /** An admin waits for the response; a vendor lists its models within a second or two. */
  timeoutMs: 15_000,
  /** The longest model list (OpenRouter's) is about half a megabyte. */
  maxBytes: 8 * 1024 * 1024,
};

@Injectable()
export class ProviderKeyTester {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly actors: KeyActorReader,
    private readonly providerKeys: ProviderKeyLookup,
    private readonly egress: Egress,
    private readonly tokens: AccessTokens,
  ) {}

  async test(actor: Actor, id: string): Promise<ProviderKeyTestView> {
    const keyActor = await this.actors.get(actor);
    const row = await loadProviderKey(this.dataSource.manager, keyActor, id);
    checkMayManage(keyActor, toOwnedKey(row));
    const result = await this.#probe(findProvider(row.provider)!, row.id as ProviderKeyId);
    await this.work.run(({ manager }) =>
      this.audit.record(manager, actor, buildAuditEvent('provider_key', 'test', row.id, { after: result })),
    );
    return result;
  }

  async #probe(adapter: ProviderAdapter, id: ProviderKeyId): Promise<ProviderKeyTestView> {
    const startedAt = performance.now();
    const toResult = (ok: boolean, status: number | null, message: string): ProviderKeyTestView => ({
      ok,
      status,
      latencyMs: Math.round(performance.now() - startedAt),
      message,
    });
    try {
      const key = await this.providerKeys.open(id);
      const problem = (key.secret && adapter.findSecretProblem?.(key.secret)) ?? null;
      if (problem !== null) return toResult(false, null, problem);
      const preparedKey = await this.tokens.obtain(key, adapter);
      let status = 0;
      const credentials = preparedKey.servers?.map((server) => applyServer(preparedKey, server)) ?? [preparedKey];
      for (const [i, credential] of credentials.entries()) {
        status = await this.#send(adapter, credential);
        const name = preparedKey.servers ? `Server ${i + 1}: ` : '';
        if (!isSuccess(status)) return toResult(false, status, name + describeStatus(adapter, status));
      }
      return toResult(true, status, describeStatus(adapter, status));
    } catch (error) {
      return toResult(false, null, toGatewayError(error).detail);
    }
  }

  async #send(adapter: ProviderAdapter, key: UpstreamCredential): Promise<number> {
    const { status } = await fetchWithKey(this.egress, adapter, key, adapter.testPath, BOUNDS);
    return status;
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Returns a message of the gateway's own: vendors' messages may repeat the key. */
function describeStatus({ displayName }: ProviderAdapter, status: number): string {
  if (isSuccess(status)) return `${displayName} accepted the key.`;
  if (status === 401 || status === 403)
    return `${displayName} refused the key. Check that it is whole, active, and for this account.`;
  if (status === 404 || status === 405) return `${displayName} did not find its API at this address. Check baseUrl.`;
  if (status === 429) return `${displayName} knows the key, but it has used up its quota or rate.`;
  if (status >= 500) return `${displayName} is failing at the moment. Try again later.`;
  return `${displayName} did not accept the call (${status}). Check the key and baseUrl.`;
}
