/**
 * Owns: organizations, their users, custom roles, teams and LLM proxies, and the first start. Promises: an organization
 * always has an active owner and exactly one default LLM proxy; organizations can neither see nor change each other's
 * entities; a user cannot grant more than they have; a lost right is lost immediately. Must not know keys, clients or
 * calls: modules that store something for a user or team listen to `DeletionHooks`, those that store sign-ins listen to
 * `SessionRevocations`, and the module that knows the reachable providers registers at `ReachableProviders`.
 */
import { Module } from '@nestjs/common';
import { DeletionHooks } from './lifecycle/deletion-hooks.js';
import { DirectoryTeamsService } from './directory-sync/directory-teams.service.js';
import { DirectoryUsersService } from './directory-sync/directory-users.service.js';
import { FirstStart } from './setup/first-start.js';
import { GuardrailSetup } from './llm-proxies/guardrail-setup.js';
import { InvitationsService } from './sign-in/invitations.service.js';
import { LlmProxiesController } from './llm-proxies/llm-proxies.controller.js';
import { LlmProxiesReader } from './llm-proxies/llm-proxies.reader.js';
import { LlmProxiesService } from './llm-proxies/llm-proxies.service.js';
import { SessionRevocations } from './lifecycle/session-revocations.js';
import { MeController } from './me/me.controller.js';
import { MeReader } from './me/me.reader.js';
import { MembershipReader } from './users/membership.reader.js';
import { OrganizationController } from './organization/organization.controller.js';
import { OrganizationCreator } from './setup/organization-creator.js';
import { OrganizationReader } from './organization/organization.reader.js';
import { OrganizationService } from './organization/organization.service.js';
import { OwnerReader } from './setup/owner.reader.js';
import { PasswordSignInService } from './sign-in/password-sign-in.service.js';
import { ProvisioningService } from './directory-sync/provisioning.service.js';
import { LlmProxyLookup } from './llm-proxies/llm-proxy.lookup.js';
import { ReachableProviders } from './organization/reachable-providers.js';
import { RolesController } from './roles/roles.controller.js';
import { RolesReader } from './roles/roles.reader.js';
import { RolesService } from './roles/roles.service.js';
import { TeamMembersController } from './teams/team-members.controller.js';
import { TeamMembersReader } from './teams/team-members.reader.js';
import { TeamMembersService } from './teams/team-members.service.js';
import { TeamsController } from './teams/teams.controller.js';
import { TeamsReader } from './teams/teams.reader.js';
import { TeamsService } from './teams/teams.service.js';
import { UserAccessService } from './users/user-access.service.js';
import { UsersController } from './users/users.controller.js';
import { UsersReader } from './users/users.reader.js';
import { UsersService } from './users/users.service.js';

const SHARED = [
  LlmProxyLookup,
  MembershipReader,
  OwnerReader,
  ReachableProviders,
  DeletionHooks,
  SessionRevocations,
  ProvisioningService,
  PasswordSignInService,
  InvitationsService,
  FirstStart,
  OrganizationCreator,
  DirectoryUsersService,
  DirectoryTeamsService,
];

@Module({
  controllers: [
    MeController,
    OrganizationController,
    UsersController,
    RolesController,
    TeamsController,
    TeamMembersController,
    LlmProxiesController,
  ],
  providers: [
    ...SHARED,
    MeReader,
    OrganizationReader,
    OrganizationService,
    UsersReader,
    UsersService,
    UserAccessService,
    RolesReader,
    RolesService,
    TeamsReader,
    TeamsService,
    TeamMembersReader,
    TeamMembersService,
    LlmProxiesReader,
    LlmProxiesService,
    GuardrailSetup,
  ],
  exports: SHARED,
})
export class OrgsModule {}
