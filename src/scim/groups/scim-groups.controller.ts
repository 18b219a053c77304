import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { DirectoryTeamsService, type DirectoryTeam } from '../../orgs/directory-sync/directory-teams.service.js';
import { PathId } from '../../admin-api/field-rules.js';
import type { TeamId } from '../../platform/ids.js';
import { readAttribute, type JsonObject } from '../protocol/json-attributes.js';
import type { RawQuery } from '../resources/list-query.js';
import { parsePatchSteps } from '../patch/step.js';
import { Projection } from '../resources/projection.js';
import { GROUP_SCHEMA } from '../protocol/schema-names.js';
import { ScimError } from '../protocol/scim-errors.js';
import { SCIM_PATH, ScimSurface } from '../protocol/scim-surface.js';
import { readMemberIds, readGroup } from './body.js';
import { patchGroup } from './patch.js';
import { ScimGroupsReader } from './scim-groups.reader.js';

@ScimSurface()
@RequirePermission('team:write')
@Controller(`${SCIM_PATH}/Groups`)
export class ScimGroupsController {
  constructor(
    private readonly teams: DirectoryTeamsService,
    private readonly reader: ScimGroupsReader,
  ) {}

  @Get()
  list(@CurrentActor() actor: Actor, @Query() query: RawQuery): Promise<object> {
    return this.reader.list(actor, query);
  }

  @Post()
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: JsonObject,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const id = await this.teams.create(actor, await readWholeGroup(body));
    void reply.header('location', this.reader.getLocation(id));
    return this.reader.get(actor, id, query);
  }

  @Get(':id')
  get(@CurrentActor() actor: Actor, @PathId() id: TeamId, @Query() query: RawQuery): Promise<object> {
    return this.reader.get(actor, id, query);
  }

  /**
   * Omitted attributes are cleared (RFC 7644 §3.5.1), members too: an absent list equals an empty one (RFC 7643 §2.5).
   */
  @Put(':id')
  async replace(
    @CurrentActor() actor: Actor,
    @PathId() id: TeamId,
    @Body() body: JsonObject,
    @Query() query: RawQuery,
  ): Promise<object> {
    const group = await readWholeGroup(body);
    await this.teams.change(actor, id, () => group);
    return this.reader.get(actor, id, query);
  }

  /**
   * Responds with 204, so that a change to a large group does not return all of it, unless the request selects
   * attributes.
   */
  @Patch(':id')
  async patch(
    @CurrentActor() actor: Actor,
    @PathId() id: TeamId,
    @Body() body: JsonObject,
    @Query() query: RawQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    const isRequested = new Projection(query).isRequested();
    const steps = parsePatchSteps(body, GROUP_SCHEMA);
    await this.teams.change(actor, id, async (team) => {
      const patched = patchGroup(team, steps);
      const removesExternalId = patched.externalId === null;
      const attributes = await readGroup({
        displayName: patched.displayName,
        externalId: removesExternalId ? undefined : patched.externalId,
      });
      return {
        memberIds: patched.memberIds,
        ...(attributes.displayName === undefined ? {} : { name: attributes.displayName }),
        ...(removesExternalId
          ? { externalId: null }
          : attributes.externalId === undefined
            ? {}
            : { externalId: attributes.externalId }),
      };
    });
    if (isRequested) return this.reader.get(actor, id, query);
    void reply.status(204).removeHeader('content-type');
    return undefined;
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentActor() actor: Actor, @PathId() id: TeamId): Promise<void> {
    return this.teams.delete(actor, id);
  }
}

async function readWholeGroup(body: JsonObject): Promise<DirectoryTeam> {
  const { displayName, externalId } = await readGroup({
    displayName: readAttribute(body, 'displayname'),
    externalId: readAttribute(body, 'externalid'),
  });
  if (displayName === undefined) throw new ScimError('invalidValue', 'displayName is missing.');
  return {
    name: displayName,
    externalId: externalId ?? null,
    memberIds: new Set(readMemberIds(readAttribute(body, 'members'))),
  };
}
