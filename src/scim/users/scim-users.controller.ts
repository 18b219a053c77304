import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { DirectoryUsersService } from '../../orgs/directory-sync/directory-users.service.js';
import { PathId } from '../../admin-api/field-rules.js';
import type { UserId } from '../../platform/ids.js';
import type { JsonObject } from '../protocol/json-attributes.js';
import type { RawQuery } from '../resources/list-query.js';
import { parsePatchSteps } from '../patch/step.js';
import { USER_SCHEMA } from '../protocol/schema-names.js';
import { SCIM_PATH, ScimSurface } from '../protocol/scim-surface.js';
import { ScimError } from '../protocol/scim-errors.js';
import { ScimUsersReader } from './scim-users.reader.js';
import { readUser, readUserAttributes, type ValidUserAttributes } from './body.js';
import { patchUser } from './patch.js';

@ScimSurface()
@RequirePermission('user:write')
@Controller(`${SCIM_PATH}/Users`)
export class ScimUsersController {
  constructor(
    private readonly users: DirectoryUsersService,
    private readonly reader: ScimUsersReader,
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
    const { email, name, externalId, isActive } = await readWholeUser(body);
    const id = await this.users.create(actor, {
      email,
      name: name ?? email,
      externalId: externalId ?? null,
      isActive: isActive ?? true,
    });
    void reply.header('location', this.reader.getLocation(id));
    return this.reader.get(actor, id, query);
  }

  @Get(':id')
  get(@CurrentActor() actor: Actor, @PathId() id: UserId, @Query() query: RawQuery): Promise<object> {
    return this.reader.get(actor, id, query);
  }

  /** Omitted attributes are cleared (RFC 7644 §3.5.1), except `active`: an omission must not activate a user. */
  @Put(':id')
  async replace(
    @CurrentActor() actor: Actor,
    @PathId() id: UserId,
    @Body() body: JsonObject,
    @Query() query: RawQuery,
  ): Promise<object> {
    const { email, name, externalId, isActive } = await readWholeUser(body);
    const wanted = { email, name: name ?? email, externalId: externalId ?? null };
    await this.users.change(actor, id, () => ({ ...wanted, ...pickDefined('isActive', isActive) }));
    return this.reader.get(actor, id, query);
  }

  @Patch(':id')
  async patch(
    @CurrentActor() actor: Actor,
    @PathId() id: UserId,
    @Body() body: JsonObject,
    @Query() query: RawQuery,
  ): Promise<object> {
    const steps = parsePatchSteps(body, USER_SCHEMA);
    await this.users.change(actor, id, async (user) => {
      const { attributes, removesExternalId } = patchUser(user, steps);
      const { email, name, externalId, isActive } = await readUser(attributes);
      return {
        ...pickDefined('email', email),
        ...pickDefined('name', name),
        ...pickDefined('externalId', removesExternalId ? null : externalId),
        ...pickDefined('isActive', isActive),
      };
    });
    return this.reader.get(actor, id, query);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<void> {
    return this.users.delete(actor, id);
  }
}

async function readWholeUser(body: JsonObject): Promise<ValidUserAttributes & { email: string }> {
  const attributes = await readUser(readUserAttributes(body));
  if (attributes.email === undefined) throw new ScimError('invalidValue', 'userName is missing.');
  return { ...attributes, email: attributes.email };
}

const pickDefined = <Key extends string, Value>(key: Key, value: Value | undefined): { [key in Key]?: Value } =>
  (value === undefined ? {} : { [key]: value }) as { [key in Key]?: Value };
