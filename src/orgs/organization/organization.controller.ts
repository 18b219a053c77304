import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { OrganizationView, toOrganizationView, UpdateOrganizationBody } from './organization.dto.js';
import { OrganizationService } from './organization.service.js';

@ApiTags('Organization')
@Controller('api/organization')
export class OrganizationController {
  constructor(private readonly organization: OrganizationService) {}

  /** Shows your organization and its settings. */
  @Get()
  @RequirePermission('organization:read')
  async get(@CurrentActor() actor: Actor): Promise<OrganizationView> {
    return toOrganizationView(await this.organization.get(actor));
  }

  /**
   * Changes settings of your organization. Absent fields are unchanged. Token lifetimes apply to tokens issued from now
   * on.
   */
  @Patch()
  @RequirePermission('organization:update')
  @ApiProblems(409)
  async update(@CurrentActor() actor: Actor, @Body() body: UpdateOrganizationBody): Promise<OrganizationView> {
    return toOrganizationView(await this.organization.update(actor, body));
  }
}
