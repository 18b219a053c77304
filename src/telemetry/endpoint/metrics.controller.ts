import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../../auth/methods/route-access.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { METRICS_CONTENT_TYPE } from '../metrics/registry.js';
import { MetricsReader } from './metrics.reader.js';

@ApiTags('Operations')
@Controller()
export class MetricsController {
  constructor(
    private readonly config: AppConfig,
    private readonly metrics: MetricsReader,
  ) {}

  /** Returns the metrics for Prometheus. Available here only if METRICS_PORT is not set. */
  @Get('metrics')
  @Public()
  @Header('content-type', METRICS_CONTENT_TYPE)
  @ApiOkResponse({ description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems(404)
  getMetrics(): Promise<string> {
    if (this.config.metricsPort !== null) {
      throw new GatewayError('not_found', 'Metrics are served on a separate port (METRICS_PORT).');
    }
    return this.metrics.read();
  }
}
