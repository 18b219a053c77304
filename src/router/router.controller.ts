import { All, Controller, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LlmSurface } from '../auth/methods/route-access.js';
import { dialectOf } from '../providers/dialects/registry.js';
import { dialectOfUrl } from '../proxy/call/dialect-by-url.js';
import { Exchange } from '../proxy/call/llm-call.js';
import { credentialPlaces, llmPathOf } from '../proxy/call/llm-path.js';
import { Relay } from '../proxy/relay.js';
import { CallPlanner } from './routing/route-planner.js';

/**
 * Serves the Model Router: one base URL for every model. It takes any path below it, so that none bypasses the guard.
 */
@ApiExcludeController()
@Controller()
export class RouterController {
  constructor(
    private readonly relay: Relay,
    private readonly planner: CallPlanner,
  ) {}

  @All(['v1/model-router', 'v1/model-router/*'])
  @RouteConfig({ rawStream: true })
  @LlmSurface('model-router', { target: llmPathOf, places: credentialPlaces })
  handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    const path = llmPathOf(request);
    // The list of models has the same path in both API families; the version header distinguishes them.
    const listsForAnthropic = path.path.startsWith('v1/models') && 'anthropic-version' in request.raw.headers;
    const dialect = listsForAnthropic ? dialectOf('anthropic') : dialectOfUrl(request.raw.url!);
    const exchange = new Exchange(request, reply.raw, 'model-router', request.caller!, path, dialect);
    return this.relay.route(exchange, (entered, body) => this.planner.plan(entered, body));
  }
}
