/**
 * Owns: organizations, their users, custom roles, teams and LLM proxies, and the first start. Promises: an organization
 * always has an active owner and exactly one default LLM proxy; organizations can neither see nor change each other's
 * entities; a user cannot grant more than they have; a lost right is lost immediately. Must not know keys, clients or
 * calls: modules that store something for a user or team listen to `Departures`, those that store sign-ins listen to
 * `Lockouts`, and the module that knows the reachable providers registers at `ReachableProviders`.
 */
import { Module } from '@nestjs/common';
import { Departures } from './departures.js';
import { DirectoryTeams } from './directory-teams.service.js';
import { DirectoryUsers } from './directory-users.service.js';
import { FirstStart } from './first-start.js';
import { GuardrailSetup } from './guardrail-setup.js';
import { Invitations } from './invitations.service.js';
import { LlmProxiesController } from './llm-proxies.controller.js';
import { LlmProxiesService } from './llm-proxies.service.js';
import { Lockouts } from './lockouts.js';
import { MeController } from './me.controller.js';
import { MeReader } from './me.reader.js';
import { MembershipReader } from './membership.reader.js';
import { OrganizationController } from './organization.controller.js';
import { OrganizationCreator } from './organization-creator.js';
import { OrganizationService } from './organization.service.js';
import { OwnerReader } from './owner.reader.js';
import { PasswordSignIn } from './password-sign-in.service.js';
import { Provisioning } from './provisioning.js';
import { ProxyDirectory } from './proxy.directory.js';
import { ReachableProviders } from './reachable-providers.js';
import { RolesController } from './roles.controller.js';
import { RolesService } from './roles.service.js';
import { TeamMembersController } from './team-members.controller.js';
import { TeamMembersService } from './team-members.service.js';
import { TeamsController } from './teams.controller.js';
import { TeamsService } from './teams.service.js';
import { UserAccessService } from './user-access.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

const SHARED = [
  ProxyDirectory,
  MembershipReader,
  OwnerReader,
  ReachableProviders,
  Departures,
  Lockouts,
  Provisioning,
  PasswordSignIn,
  Invitations,
  FirstStart,
  OrganizationCreator,
  DirectoryUsers,
  DirectoryTeams,
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
    OrganizationService,
    UsersService,
    UserAccessService,
    RolesService,
    TeamsService,
    TeamMembersService,
    LlmProxiesService,
    GuardrailSetup,
  ],
  exports: SHARED,
})
export class OrgsModule {}
