import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/methods/route-access.js';
import { LivenessView, ReadinessView } from './health.dto.js';
import { Readiness } from './readiness.js';

@ApiTags('Operations')
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Reports whether the process is alive. Any response means that it is. */
  @Get('livez')
  @Public()
  getLiveness(): LivenessView {
    return { status: 'ok' };
  }

  /**
   * Reports whether the process should receive requests. It should not while it drains, or while a dependency is
   * unavailable.
   */
  @Get('readyz')
  @Public()
  @ApiOkResponse({ description: 'It should.', type: ReadinessView })
  @ApiServiceUnavailableResponse({ description: 'It should not: what is not `ok` says why.', type: ReadinessView })
  async getReadiness(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessView> {
    const checks = await this.readiness.check();
    if (Object.values(checks).some((state) => state !== 'ok')) reply.status(503);
    return checks;
  }
}
