import { All, Controller, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LlmSurface } from '../auth/methods/route-access.js';
import { dialectOfUrl } from './call/dialect-by-url.js';
import { Exchange } from './call/llm-call.js';
import { credentialPlaces, llmPathOf } from './call/llm-path.js';
import { Relay } from './relay.js';

/**
 * Handles every provider route: any method, any path below the prefix, with and without an LLM proxy id. These prefixes
 * have only this route, so every path passes the guard.
 */
@ApiExcludeController()
@Controller()
export class ProxyController {
  constructor(private readonly relay: Relay) {}

  @All(['v1/:provider', 'v1/:provider/*'])
  @RouteConfig({ rawStream: true })
  @LlmSurface('provider-route', { target: llmPathOf, places: credentialPlaces })
  handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    const path = llmPathOf(request);
    const dialect = dialectOfUrl(request.raw.url!);
    return this.relay.run(new Exchange(request, reply.raw, 'provider-route', request.caller!, path, dialect));
  }
}
