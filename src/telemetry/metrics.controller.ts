import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../auth/route-access.js';
import { AppConfig } from '../platform/config/app-config.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { METRICS_CONTENT_TYPE } from './metrics-registry.js';
import { MetricsReader } from './metrics.reader.js';

@ApiExcludeController()
@Controller()
export class MetricsController {
  constructor(
    private readonly config: AppConfig,
    private readonly metrics: MetricsReader,
  ) {}

  /** On the main port only while METRICS_PORT names no other. */
  @Get('metrics')
  @Public()
  @Header('content-type', METRICS_CONTENT_TYPE)
  read(): Promise<string> {
    if (this.config.metricsPort !== null) {
      throw new GatewayError('not_found', 'Metrics are served on a port of their own (METRICS_PORT).');
    }
    return this.metrics.read();
  }
}
