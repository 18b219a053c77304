/** Tests a stored key with one harmless call to its provider, made like an LLM call. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Egress } from '../../platform/egress/egress.js';
import { toGatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { ProviderAdapter, UpstreamRequest } from '../../providers/contract/provider-adapter.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { findProvider } from '../../providers/registry.js';
import { AccessTokens } from '../credentials/access-tokens.js';
import { checkMayManage } from '../ownership/key-access.policy.js';
import { KeyActorReader } from '../ownership/key-actor.reader.js';
import type { ProviderKeyTestView } from './provider-keys.dto.js';
import { ProviderKeyVault } from '../credentials/provider-key-vault.js';
import { loadProviderKey, toOwnedKey } from './provider-keys.reader.js';
import type { UpstreamCredential } from '../credentials/upstream-credential.js';
import { applyServer } from '../credentials/upstream-server.js';

/** An admin waits for the response; a vendor lists its models within a second or two. */
const TIMEOUT_MS = 15_000;
/** The longest model list (OpenRouter's) is about half a megabyte. */
const MAX_BYTES = 8 * 1024 * 1024;

const NO_BODY = Buffer.alloc(0);

@Injectable()
export class ProviderKeyTester {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly actors: KeyActorReader,
    private readonly vault: ProviderKeyVault,
    private readonly egress: Egress,
    private readonly tokens: AccessTokens,
  ) {}

  async test(actor: Actor, id: string): Promise<ProviderKeyTestView> {
    const who = await this.actors.get(actor);
    const row = await loadProviderKey(this.dataSource.manager, who, id);
    checkMayManage(who, toOwnedKey(row));
    const result = await this.#probe(findProvider(row.provider)!, row.id as ProviderKeyId);
    await this.work.run(({ manager }) =>
      this.audit.record(manager, actor, buildAuditEvent('provider_key', 'test', row.id, { after: result })),
    );
    return result;
  }

  async #probe(adapter: ProviderAdapter, id: ProviderKeyId): Promise<ProviderKeyTestView> {
    const startedAt = performance.now();
    const result = (ok: boolean, status: number | null, message: string): ProviderKeyTestView => ({
      ok,
      status,
      latencyMs: Math.round(performance.now() - startedAt),
      message,
    });
    try {
      const key = await this.vault.open(id);
      const problem = (key.secret && adapter.findSecretProblem?.(key.secret)) ?? null;
      if (problem !== null) return result(false, null, problem);
      const ready = await this.tokens.obtain(key, adapter);
      let status = 0;
      const credentials = ready.servers?.map((server) => applyServer(ready, server)) ?? [ready];
      for (const [i, credential] of credentials.entries()) {
        status = await this.#send(adapter, credential);
        const name = ready.servers ? `Server ${i + 1}: ` : '';
        if (!isSuccess(status)) return result(false, status, name + meaning(adapter, status));
      }
      return result(true, status, meaning(adapter, status));
    } catch (error) {
      return result(false, null, toGatewayError(error).detail);
    }
  }

  async #send(adapter: ProviderAdapter, key: UpstreamCredential): Promise<number> {
    const request = await testRequest(adapter, key);
    const { status } = await this.egress.fetchBounded(request.origin + request.path, {
      headers: toRecord(request.headers),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    return status;
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

async function testRequest(adapter: ProviderAdapter, key: UpstreamCredential): Promise<UpstreamRequest> {
  const request: UpstreamRequest = {
    origin: key.origin,
    method: 'GET',
    path: `${key.basePath}/${adapter.testPath}`,
    headers: [...(getDialect(adapter.dialect).requiredHeaders ?? []), ...key.extraHeaders],
    body: NO_BODY,
  };
  if (key.secret !== null) await adapter.authorize(request, key.secret);
  return request;
}

function toRecord(flat: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) record[flat[i]!] = flat[i + 1]!;
  return record;
}

/** Returns a message of the gateway's own: vendors' messages may repeat the key. */
function meaning({ displayName }: ProviderAdapter, status: number): string {
  if (isSuccess(status)) return `${displayName} accepted the key.`;
  if (status === 401 || status === 403)
    return `${displayName} refused the key. Check that it is whole, active, and for this account.`;
  if (status === 404 || status === 405) return `${displayName} has nothing at this address. Check baseUrl.`;
  if (status === 429) return `${displayName} knows the key, but it has used up its quota or rate.`;
  if (status >= 500) return `${displayName} has a fault of its own just now. Try again later.`;
  return `${displayName} did not accept the call (${status}). Check the key and baseUrl.`;
}
