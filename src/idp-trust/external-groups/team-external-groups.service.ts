/** Manages the provider groups whose members belong to a team, in addition to members added by hand. */
import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { lockOrganization } from '../../orgs/organization/lock.js';
import { loadTeam } from '../../orgs/teams/teams.reader.js';
import { ProvisioningService } from '../../orgs/directory-sync/provisioning.service.js';
import { notFound, unknownReference } from '../../admin-api/refusals.js';
import { rejectUniqueViolations, type UniqueFields } from '../../admin-api/unique-violation.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId, type TeamId } from '../../platform/ids.js';
import { IdentityProviderEntity } from '../settings/identity-provider.entity.js';
import { TeamExternalGroupEntity } from './team-external-group.entity.js';
import {
  toTeamExternalGroupView,
  type CreateTeamExternalGroupBody,
  type TeamExternalGroupView,
} from './team-external-groups.dto.js';

const UNIQUE_FIELD_ERRORS: UniqueFields = {
  team_external_group_key: { pointer: '/groupName', detail: 'The team has this group already.' },
};

@Injectable()
export class TeamExternalGroupsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly provisioning: ProvisioningService,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Members of the group join with their next call. Throws `validation_failed` for a provider that does not exist. */
  add(actor: Actor, teamId: TeamId, body: CreateTeamExternalGroupBody): Promise<TeamExternalGroupView> {
    const { organizationId } = actor.caller;
    const write = this.#change(actor, teamId, async (work) => {
      const { identityProviderId: id } = body;
      const provider = await work.manager.findOneBy(IdentityProviderEntity, { id, organizationId, kind: 'people' });
      if (!provider) throw unknownReference('identity provider of people', ['/identityProviderId']);
      const now = new Date(this.clock.now());
      const row = work.manager.create(TeamExternalGroupEntity, {
        id: createId(now.getTime()),
        teamId,
        ...body,
        createdAt: now,
      });
      await work.manager.insert(TeamExternalGroupEntity, row);
      const after = toTeamExternalGroupView(row);
      await this.audit.record(work.manager, actor, buildAuditEvent('team', 'add_external_group', teamId, { after }));
      work.announce({ tag: authTag.identityProvider(id), effect: 'changed' });
      return after;
    });
    return rejectUniqueViolations(write, UNIQUE_FIELD_ERRORS);
  }

  /**
   * The group that brought a member in is not recorded, so all members brought in by the provider's groups leave the
   * team; a member of another group of the team rejoins with the next call.
   */
  remove(actor: Actor, teamId: TeamId, id: string): Promise<void> {
    return this.#change(actor, teamId, async (work) => {
      const row = await work.manager.findOneBy(TeamExternalGroupEntity, { id, teamId });
      if (!row) throw notFound('external group of this team', id);
      await work.manager.delete(TeamExternalGroupEntity, { id });
      await this.provisioning.withdrawMemberships(work, row.identityProviderId, { teamId });
      const before = toTeamExternalGroupView(row);
      await this.audit.record(
        work.manager,
        actor,
        buildAuditEvent('team', 'remove_external_group', teamId, { before }),
      );
      work.announce({ tag: authTag.identityProvider(row.identityProviderId), effect: 'changed' });
    });
  }

  #change<T>(actor: Actor, teamId: TeamId, job: (work: Work) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, actor.caller.organizationId);
      await loadTeam(work.manager, actor, teamId);
      return job(work);
    });
  }
}
