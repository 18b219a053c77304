import { All, Controller, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LlmSurface } from '../auth/methods/route-access.js';
import { ANTHROPIC, findDialectByUrl } from '../proxy/call/dialect-by-url.js';
import { LlmCall } from '../proxy/call/llm-call.js';
import { getCredentialSources, getLlmPath } from '../proxy/call/llm-path.js';
import { Relay } from '../proxy/relay.js';
import { RoutePlanner } from './routing/route-planner.js';

/**
 * Serves the Model Router: one base URL for every model. It takes any path below it, so that none bypasses the guard.
 */
@ApiExcludeController()
@Controller()
export class RouterController {
  constructor(
    private readonly relay: Relay,
    private readonly planner: RoutePlanner,
  ) {}

  @All(['v1/model-router', 'v1/model-router/*'])
  @RouteConfig({ rawStream: true })
  @LlmSurface('model-router', { readRoute: getLlmPath, readCredentialSources: getCredentialSources })
  handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    const path = getLlmPath(request);
    // The list of models has the same path in both API families; the version header distinguishes them.
    const listsForAnthropic = path.path.startsWith('v1/models') && 'anthropic-version' in request.raw.headers;
    const dialect = listsForAnthropic ? ANTHROPIC : findDialectByUrl(request.raw.url!);
    const call = new LlmCall(request, reply.raw, 'model-router', request.caller!, path, dialect);
    return this.relay.route(call, (entered, body) => this.planner.plan(entered, body));
  }
}
