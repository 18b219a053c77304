/**
 * Looks aliases up for calls. Loads all aliases of an organization together: they are few, and names come from clients.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache, type Tagged } from '../../platform/events/invalidated-cache.js';
import type { OrgId } from '../../platform/ids.js';
import type { AliasTarget, ModelAlias } from './alias.js';

interface AliasRow {
  id: string;
  name: string;
  description: string | null;
  targets: AliasTarget[];
  cross_key_owners: boolean;
  max_attempts: number;
  created_at: Date;
}

/** Aliases of one organization by name, in the order of their names. */
export type AliasesByName = ReadonlyMap<string, ModelAlias>;

const ORGANIZATION_CACHE_SIZE = 10_000;

@Injectable()
export class ModelAliasLookup {
  readonly #cache: InvalidatedCache<AliasesByName>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: ORGANIZATION_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
    });
  }

  /**
   * Returns the organization's alias of exactly this name, or null. Synchronous where the organization's aliases are
   * cached.
   */
  find(organizationId: OrgId, name: string): ModelAlias | null | Promise<ModelAlias | null> {
    const aliases = this.list(organizationId);
    return aliases instanceof Promise
      ? aliases.then((loaded) => loaded.get(name) ?? null)
      : (aliases.get(name) ?? null);
  }

  /** Returns all aliases of the organization. */
  list(organizationId: OrgId): AliasesByName | Promise<AliasesByName> {
    const load = (): Promise<Tagged<AliasesByName>> => this.#load(organizationId);
    return this.#cache.peek(organizationId, load) ?? this.#cache.get(organizationId, load);
  }

  async #load(organizationId: OrgId): Promise<Tagged<AliasesByName>> {
    const rows = await this.dataSource.query<AliasRow[]>(
      `SELECT id, name, description, targets, cross_key_owners, max_attempts, created_at
         FROM model_alias WHERE organization_id = $1 ORDER BY name`,
      [organizationId],
    );
    return {
      value: new Map(rows.map((row) => [row.name, toAlias(organizationId, row)])),
      tags: [authTag.modelAliases(organizationId), authTag.organization(organizationId)],
    };
  }
}

const toAlias = (organizationId: OrgId, row: AliasRow): ModelAlias =>
  Object.freeze({
    id: row.id,
    organizationId,
    name: row.name,
    description: row.description,
    targets: row.targets,
    crossKeyOwners: row.cross_key_owners,
    maxAttempts: row.max_attempts,
    createdAt: row.created_at.getTime(),
  });
