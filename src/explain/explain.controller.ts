import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../auth/callers/actor.js';
import { RequirePermission } from '../auth/methods/route-access.js';
import { ApiProblems } from '../admin-api/api-problems.js';
import { ExplainBody, ExplanationView } from './steps/explain.dto.js';
import { Explainer } from './explainer.js';

@ApiTags('Explanations')
@Controller('api/explain')
export class ExplainController {
  constructor(private readonly explainer: Explainer) {}

  /**
   * Explains the outcome of a call, step by step, with the provider key that it would use and why others are skipped.
   * No request is sent to a provider. Without the permission `explain:read`, limited to yourself and your own
   * credentials.
   */
  @Post()
  @HttpCode(200)
  @RequirePermission('explain:read_own')
  @Header('Cache-Control', 'no-store')
  @ApiProblems(404)
  explainCall(@CurrentActor() actor: Actor, @Body() body: ExplainBody): Promise<ExplanationView> {
    return this.explainer.explain(actor, body);
  }
}
