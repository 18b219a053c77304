/**
 * Owns: SCIM 2.0 (RFC 7643, RFC 7644), by which an organisation's directory keeps its users and teams here. Promises:
 * whatever a directory does is done by the services of `orgs/`, with the same rules, audit entries and events; whoever is
 * deactivated or deleted loses everything at once. Must not know keys, tokens or sessions, nor write tables of others.
 */
import { Module } from '@nestjs/common';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ScimDiscoveryController } from './discovery/scim-discovery.controller.js';
import { ScimGroupsController } from './groups/scim-groups.controller.js';
import { ScimGroupsReader } from './groups/scim-groups.reader.js';
import { ResourceRows } from './resource-rows.js';
import { ScimUsersController } from './users/scim-users.controller.js';
import { ScimUsersReader } from './users/scim-users.reader.js';

@Module({
  imports: [OrgsModule],
  controllers: [ScimDiscoveryController, ScimUsersController, ScimGroupsController],
  providers: [ResourceRows, ScimUsersReader, ScimGroupsReader],
})
export class ScimModule {}
