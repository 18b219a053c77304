import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/route-access.js';
import { Readiness } from './readiness.js';

@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** 200 as long as the process answers at all. */
  @Get('livez')
  @Public()
  @ApiOperation({ summary: 'Whether the process is alive' })
  livez(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public()
  @ApiOperation({
    summary: 'Whether the process should be given requests: 503 while it drains or a dependency is away',
  })
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<Record<string, string>> {
    const checks = await this.readiness.check();
    if (Object.values(checks).some((state) => state !== 'ok')) reply.status(503);
    return checks;
  }
}
