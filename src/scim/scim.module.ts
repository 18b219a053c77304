/**
 * Owns: SCIM 2.0 (RFC 7643, RFC 7644), with which an organization's directory maintains its users and teams in
 * Gatehouse. Promises: services of `orgs/` carry out every change by a directory, with the same rules, audit entries
 * and events; a user who is deactivated or deleted loses all access immediately. Must not know keys, tokens or
 * sessions, nor write tables of other modules.
 */
import { Module } from '@nestjs/common';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ScimDiscoveryController } from './discovery/scim-discovery.controller.js';
import { ScimGroupsController } from './groups/scim-groups.controller.js';
import { ScimGroupsReader } from './groups/scim-groups.reader.js';
import { ResourceRows } from './resources/resource-rows.js';
import { ScimUsersController } from './users/scim-users.controller.js';
import { ScimUsersReader } from './users/scim-users.reader.js';

@Module({
  imports: [OrgsModule],
  controllers: [ScimDiscoveryController, ScimUsersController, ScimGroupsController],
  providers: [ResourceRows, ScimUsersReader, ScimGroupsReader],
})
export class ScimModule {}
