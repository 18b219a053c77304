/**
 * Records LLM calls that are refused before their caller is known. The rows per address are limited: a flood must not
 * fill the table.
 */
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Surface } from '../../auth/callers/caller.js';
import { hasCredentialInUrl } from '../../auth/credentials/presented-credential.js';
import { LlmProxyLookup } from '../../orgs/llm-proxies/llm-proxy.lookup.js';
import { Clock } from '../../platform/time/clock.js';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { InteractionId, OrgId, ProxyId } from '../../platform/ids.js';
import { findProvider } from '../../providers/registry.js';
import { EMPTY_RECORD } from '../../usage/recording/interaction-record.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';
import { maskCredentials } from '../../platform/logging/mask-credentials.js';
import { readAttribution } from '../client-labels/attribution.js';
import { readLlmPath, type LlmPath } from '../call/llm-path.js';

const ROWS_PER_MINUTE = 60;
const ADDRESS_CACHE_SIZE = 10_000;

@Injectable()
export class RefusalRecorder {
  readonly #rowCounts: LRUCache<string, { count: number }>;
  #unrecorded = 0;

  constructor(
    private readonly recorder: UsageRecorder,
    private readonly proxies: LlmProxyLookup,
    clock: Clock,
  ) {
    this.#rowCounts = new LRUCache({ max: ADDRESS_CACHE_SIZE, ttl: 60_000, perf: { now: () => clock.monotonicNow() } });
  }

  /** Number of refusals without a row, because their address had used up its rows. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  async record(request: FastifyRequest, error: GatewayError): Promise<void> {
    if (!this.#hasRowLeft(request.ip)) {
      this.#unrecorded++;
      return;
    }
    const path = tryReadPath(request);
    this.recorder.record({
      ...EMPTY_RECORD,
      id: request.id as InteractionId,
      organizationId: path?.proxyId ? await this.#findOrganization(path.proxyId) : null,
      createdAt: Date.now(),
      requestId: request.id,
      surface: request.admission?.route.surface ?? detectSurface(request.raw.url!),
      authMethod: request.admission?.method ?? null,
      caller: request.caller ?? null,
      proxyId: path?.proxyId ?? null,
      provider: findProvider(path?.provider ?? readProviderSegment(request.raw.url!))?.id ?? null,
      method: request.raw.method!,
      path: path && !hasCredentialInUrl(path.path) ? maskCredentials(path.path) : '',
      durationMs: 0,
      status: error.status,
      outcome: error.status >= 500 ? 'error' : 'refused',
      errorCode: error.code,
      errorReason: error.reason ?? null,
      clientAddress: request.ip,
      ...readAttribution(request.raw.headers),
    });
  }

  #hasRowLeft(address: string): boolean {
    const rows = this.#rowCounts.get(address);
    if (!rows) this.#rowCounts.set(address, { count: 1 });
    else if (rows.count >= ROWS_PER_MINUTE) return false;
    else rows.count++;
    return true;
  }

  async #findOrganization(proxyId: ProxyId): Promise<OrgId | null> {
    try {
      return (await this.proxies.getById(proxyId)).organizationId;
    } catch {
      return null; // unknown proxy, or no database: recorded for the default organization
    }
  }
}

/** Provider segment of a path that cannot be parsed as a whole. */
const readProviderSegment = (rawUrl: string): string => /^\/v1\/([^/?]*)/.exec(rawUrl)?.[1] ?? '';

/** Surface of a request that was refused before its credential was read. */
const detectSurface = (rawUrl: string): Surface =>
  readProviderSegment(rawUrl) === 'model-router' ? 'model-router' : 'provider-route';

function tryReadPath(request: FastifyRequest): LlmPath | null {
  try {
    return request.llmPath ?? readLlmPath(request.raw.url!);
  } catch {
    return null;
  }
}
