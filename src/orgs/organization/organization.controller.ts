import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { OrganizationView, UpdateOrganizationBody } from './organization.dto.js';
import { OrganizationReader } from './organization.reader.js';
import { OrganizationService } from './organization.service.js';

@ApiTags('Organization')
@Controller('api/organization')
export class OrganizationController {
  constructor(
    private readonly reader: OrganizationReader,
    private readonly organization: OrganizationService,
  ) {}

  /** Shows your organization and its settings. */
  @Get()
  @RequirePermission('organization:read')
  get(@CurrentActor() actor: Actor): Promise<OrganizationView> {
    return this.reader.get(actor);
  }

  /**
   * Changes settings of your organization. Absent fields are unchanged. Token lifetimes apply to tokens issued from now
   * on.
   */
  @Patch()
  @RequirePermission('organization:update')
  @ApiProblems(409)
  update(@CurrentActor() actor: Actor, @Body() body: UpdateOrganizationBody): Promise<OrganizationView> {
    return this.organization.update(actor, body);
  }
}
