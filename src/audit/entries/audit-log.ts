import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { getUserId } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { createId, type OrgId } from '../../platform/ids.js';
import { AuditEntryEntity } from './audit-entry.entity.js';

export interface AuditEvent {
  /** `<target type>.<verb>`: `virtual_key.create`. */
  action: string;
  targetType: string;
  targetId: string | null;
  /** Views of the API before and after the change. Only views, never rows: views contain no secrets. */
  before?: object | null;
  after?: object | null;
}

/** Builds the event `<target type>.<verb>`. */
export const buildAuditEvent = (
  targetType: string,
  verb: string,
  targetId: string | null,
  views: Pick<AuditEvent, 'before' | 'after'> = {},
): AuditEvent => ({ action: `${targetType}.${verb}`, targetType, targetId, ...views });

/** Writes the audit log. Writes an entry in the transaction of its change, so neither exists without the other. */
@Injectable()
export class AuditLog {
  readonly #listeners: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  record(manager: EntityManager, { caller, requestId, clientAddress }: Actor, event: AuditEvent): Promise<void> {
    return this.#insert(manager, caller.organizationId, event, {
      actorType: caller.subject.type,
      actorId: getUserId(caller),
      credentialId: caller.credentialId,
      requestId,
      clientAddress,
    });
  }

  /** Records an event without an authenticated caller: a user signing in, an application fetching a token. */
  recordAs(manager: EntityManager, organizationId: OrgId, actor: AuditActor, event: AuditEvent): Promise<void> {
    return this.#insert(manager, organizationId, event, actor);
  }

  /** Records an event of the program itself or of its command line: the actor is `system`. */
  recordBySystem(manager: EntityManager, organizationId: OrgId, event: AuditEvent): Promise<void> {
    const noActor = { actorId: null, credentialId: null, requestId: null, clientAddress: null };
    return this.#insert(manager, organizationId, event, { actorType: 'system', ...noActor });
  }

  /** Registers a listener, called for every entry before its transaction ends. */
  onRecord(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async #insert(manager: EntityManager, organizationId: OrgId, event: AuditEvent, actor: AuditActor): Promise<void> {
    const now = this.clock.now();
    await manager.insert(AuditEntryEntity, {
      id: createId(now),
      organizationId,
      createdAt: new Date(now),
      ...actor,
      action: event.action,
      targetType: event.targetType,
      targetId: event.targetId,
      before: event.before ?? null,
      after: event.after ?? null,
    });
    for (const listener of this.#listeners) listener();
  }
}

/** `credentialId`: the id of a stored credential, never the credential. */
export type AuditActor = Pick<
  AuditEntryEntity,
  'actorType' | 'actorId' | 'credentialId' | 'requestId' | 'clientAddress'
>;
