/** Records successful and failed sign-ins in the audit log. */
import { finished } from 'node:stream/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { AuditLog, buildAuditEvent, type AuditActor } from '../../audit/entries/audit-log.js';
import type { IdentityProviderId, OrgId } from '../../platform/ids.js';
import { AppLogger } from '../../platform/logging/app-logger.js';

export type SignInMethod = { method: 'password' } | { method: 'idp'; identityProviderId: IdentityProviderId };

/** `sign_in_enforced`: regardless of the password, the user has to sign in through the identity provider. */
export type PasswordRefusal = 'password_wrong' | 'sign_in_enforced';

@Injectable()
export class SignInAudit implements OnApplicationShutdown {
  /** Entries that are written after their response was sent. */
  readonly #pending = new Set<Promise<void>>();

  constructor(
    private readonly log: AuditLog,
    private readonly dataSource: DataSource,
    private readonly logger: AppLogger,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async recordSignIn(
    request: FastifyRequest,
    user: { userId: string; organizationId: OrgId },
    clientId: string,
    method: SignInMethod = { method: 'password' },
  ): Promise<void> {
    await this.log.recordAs(
      this.dataSource.manager,
      user.organizationId,
      buildActor(request, user.userId),
      buildAuditEvent('user', 'sign_in', user.userId, { after: { clientId, ...method } }),
    );
  }

  /**
   * Records a failure only for an existing user: the log belongs to an organization, and unknown people belong to none.
   * Written after the response was sent, so that its time does not reveal whether the user exists.
   */
  recordRefusal(request: FastifyRequest, reply: FastifyReply, email: string, reason: PasswordRefusal): void {
    const writing = finished(reply.raw)
      .catch(() => undefined) // the client disconnected before the response
      .then(() => this.#writeRefusal(request, email, reason))
      .catch((error: unknown) => this.logger.pino.warn({ err: error }, 'a failed sign-in could not be audited'))
      .finally(() => this.#pending.delete(writing));
    this.#pending.add(writing);
  }

  async #writeRefusal(request: FastifyRequest, email: string, reason: PasswordRefusal): Promise<void> {
    const [user] = await this.dataSource.query<{ id: string; organization_id: OrgId }[]>(
      'SELECT id, organization_id FROM app_user WHERE email = $1',
      [email],
    );
    if (!user) return;
    await this.log.recordAs(
      this.dataSource.manager,
      user.organization_id,
      buildActor(request, null),
      buildAuditEvent('user', 'sign_in_failed', user.id, { after: { method: 'password', reason } }),
    );
  }

  /** No user was identified, so the entry is about the provider. `reason`: a code. */
  async recordIdpRefusal(
    request: FastifyRequest,
    { id, organizationId }: { id: IdentityProviderId; organizationId: OrgId },
    reason: string,
  ): Promise<void> {
    await this.log.recordAs(this.dataSource.manager, organizationId, buildActor(request, null), {
      action: 'user.sign_in_failed',
      targetType: 'identity_provider',
      targetId: id,
      after: { method: 'idp', reason },
    });
  }
}

const buildActor = (request: FastifyRequest, userId: string | null): AuditActor => ({
  actorType: userId === null ? 'anonymous' : 'user',
  actorId: userId,
  credentialId: null,
  requestId: request.id,
  clientAddress: request.ip,
});
