/** Publishes which authorization server guards a resource (RFC 9728). */
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../auth/methods/route-access.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { buildAdminResource, findResource } from './scopes.js';

const PATH = '/.well-known/oauth-protected-resource';
const MAX_AGE_SECONDS = 300;

@ApiExcludeController()
@Public()
@Controller('.well-known/oauth-protected-resource')
export class ProtectedResourceController {
  readonly #issuer: string;

  constructor(config: AppConfig) {
    this.#issuer = config.http.publicUrl;
  }

  /** Covers every base URL that LLM clients are given, and the admin API. */
  @Get(['', '*'])
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const suffix = request.raw.url!.split('?', 1)[0]!.slice(PATH.length);
    const identifier = `${this.#issuer}${suffix === '/' ? '' : suffix}`;
    const resource = findResource(this.#issuer, identifier);
    if (!resource) throw new GatewayError('not_found', 'This path is not a protected resource.');
    const isAdmin = resource.audience === buildAdminResource(this.#issuer).audience;
    await reply
      .headers({ 'cache-control': `public, max-age=${MAX_AGE_SECONDS}`, 'access-control-allow-origin': '*' })
      .send({
        // Byte for byte the identifier that the client asked about (§3.3).
        resource: identifier,
        authorization_servers: [this.#issuer],
        bearer_methods_supported: ['header'],
        scopes_supported: resource.scopes,
        resource_name: isAdmin ? 'Gatehouse admin API' : 'Gatehouse',
        ...(isAdmin ? { resource_documentation: `${this.#issuer}/api/docs` } : {}),
      });
  }
}
