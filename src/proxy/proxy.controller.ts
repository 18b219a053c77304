import { All, Controller, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LlmSurface } from '../auth/methods/route-access.js';
import { findDialectByUrl } from './call/dialect-by-url.js';
import { LlmCall } from './call/llm-call.js';
import { getCredentialSources, getLlmPath } from './call/llm-path.js';
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
  @LlmSurface('provider-route', { readRoute: getLlmPath, readCredentialSources: getCredentialSources })
  handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    const path = getLlmPath(request);
    const dialect = findDialectByUrl(request.raw.url!);
    return this.relay.run(new LlmCall(request, reply.raw, 'provider-route', request.caller!, path, dialect));
  }
}
