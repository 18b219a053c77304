/** Creates, changes and deletes model aliases. */
import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { KeyActorReader } from '../../keys/ownership/key-actor.reader.js';
import { lockOrganization } from '../../orgs/organization/lock.js';
import { conflict } from '../../admin-api/refusals.js';
import { rejectUniqueViolations } from '../../admin-api/unique-violation.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';
import { ModelAliasEntity } from './model-alias.entity.js';
import { ModelAliasValidator } from './model-alias.validator.js';
import {
  DEFAULT_ATTEMPTS,
  toModelAliasView,
  type CreateModelAliasBody,
  type ModelAliasView,
  type UpdateModelAliasBody,
} from './model-aliases.dto.js';
import { loadModelAlias } from './model-aliases.reader.js';

/** Every process keeps all aliases of an organization in memory, and lists them to callers. */
const MAX_ALIASES = 500;

const UNIQUE_CONSTRAINTS = {
  model_alias_organization_id_name_key: {
    pointer: '/name',
    detail: 'A model alias with this name already exists. Choose another name.',
  },
};

@Injectable()
export class ModelAliasesService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly actors: KeyActorReader,
    private readonly validator: ModelAliasValidator,
    private readonly clock: Clock,
  ) {}

  /** Throws `validation_failed` for unknown providers and keys, and `conflict` for a name that is taken. */
  async create(actor: Actor, body: CreateModelAliasBody): Promise<ModelAliasView> {
    const keyActor = await this.actors.get(actor);
    const now = new Date(this.clock.now());
    this.validator.checkName(body.name);
    return this.#change(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, keyActor.organizationId);
      const count = await manager.countBy(ModelAliasEntity, { organizationId: keyActor.organizationId });
      if (count >= MAX_ALIASES) throw conflict(`An organization has at most ${MAX_ALIASES} model aliases.`);
      const row = manager.create(ModelAliasEntity, {
        id: createId<string>(now.getTime()),
        organizationId: keyActor.organizationId,
        name: body.name,
        description: body.description ?? null,
        targets: await this.validator.checkTargets(manager, keyActor, body.targets),
        crossKeyOwners: body.crossKeyOwners ?? false,
        maxAttempts: body.maxAttempts ?? DEFAULT_ATTEMPTS,
        createdAt: now,
        updatedAt: now,
      });
      await manager.insert(ModelAliasEntity, row);
      return this.#recordChange(work, actor, 'create', null, row);
    });
  }

  /** Throws as `create` does. */
  async update(actor: Actor, id: string, { targets, ...body }: UpdateModelAliasBody): Promise<ModelAliasView> {
    const keyActor = await this.actors.get(actor);
    if (body.name !== undefined) this.validator.checkName(body.name);
    return this.#change(async (work) => {
      const { manager } = work;
      const row = await loadModelAlias(manager, actor, id, true);
      const before = toModelAliasView(row);
      Object.assign(row, body);
      if (targets !== undefined) row.targets = await this.validator.checkTargets(manager, keyActor, targets);
      row.updatedAt = new Date(this.clock.now());
      await manager.update(ModelAliasEntity, { id }, row);
      return this.#recordChange(work, actor, 'update', before, row);
    });
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.#change(async (work) => {
      const row = await loadModelAlias(work.manager, actor, id, true);
      await work.manager.delete(ModelAliasEntity, { id });
      await this.#recordChange(work, actor, 'delete', toModelAliasView(row), row);
    });
  }

  #change<T>(job: (work: Work) => Promise<T>): Promise<T> {
    return rejectUniqueViolations(this.work.run(job), UNIQUE_CONSTRAINTS);
  }

  /**
   * Completes every write: records the change in the audit log and announces it. Returns the alias as it is after the
   * write; for a deletion, as it was before.
   */
  async #recordChange(
    work: Work,
    actor: Actor,
    verb: 'create' | 'update' | 'delete',
    before: ModelAliasView | null,
    row: ModelAliasEntity,
  ): Promise<ModelAliasView> {
    const view = toModelAliasView(row);
    const after = verb === 'delete' ? null : view;
    const event = buildAuditEvent('model_alias', verb, row.id, { before, after });
    await this.audit.record(work.manager, actor, event);
    work.announce({ tag: authTag.modelAliases(row.organizationId), effect: 'changed' });
    return view;
  }
}
