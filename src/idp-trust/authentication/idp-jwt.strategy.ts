/**
 * Authentication method 5: a token of the company's own identity provider, run by passport-jwt. The LLM proxy of the
 * call and the exact issuer in the token determine the provider.
 */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { AuthMethods, type AuthMethod, type AuthRoute } from '../../auth/methods/auth-method.js';
import type { Caller } from '../../auth/callers/caller.js';
import { isJwtShaped, type PresentedCredential } from '../../auth/credentials/presented-credential.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { LlmProxyLookup } from '../../orgs/llm-proxies/llm-proxy.lookup.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { IdpCallers } from './idp-callers.js';
import { PassportJwt, VerificationPlan, type VerifiedToken } from './passport-jwt-patch.js';
import { ProxyIssuers } from './proxy-issuers.js';
import { toUniformRefusal } from './uniform-refusal.js';

const NAME = 'idp-jwt';

@Injectable()
export class IdpJwtStrategy extends PassportStrategy(PassportJwt, NAME) implements AuthMethod {
  override readonly name = NAME;
  readonly order = 60;
  readonly surfaces = ['provider-route', 'model-router'] as const;

  constructor(
    methods: AuthMethods,
    issuers: ProxyIssuers,
    private readonly proxies: LlmProxyLookup,
    private readonly callers: IdpCallers,
  ) {
    super({
      jwtFromRequest: ({ admission }: FastifyRequest) => admission!.presented.value,
      secretOrKeyProvider: (request: FastifyRequest, token: string, done: (error: unknown, plan?: unknown) => void) => {
        this.#findProxy(request.admission!.route)
          .then((proxy) => issuers.createPlan(proxy, token))
          .then(
            (plan: VerificationPlan) => done(null, plan),
            (error: unknown) => done(toUniformRefusal(error)),
          );
      },
      passReqToCallback: true,
    } as never);
    methods.register(this);
  }

  owns({ value }: PresentedCredential): boolean {
    return isJwtShaped(value);
  }

  /** The LLM proxy decides which providers are trusted. */
  getCacheScope({ companion }: PresentedCredential, { proxyId, surface }: AuthRoute): string {
    return `${surface} ${proxyId ?? 'default'} ${companion === null ? '' : computeTokenDigestKey(companion)}`;
  }

  /** Called by passport-jwt once the token is verified. */
  async validate(request: FastifyRequest, verified: VerifiedToken): Promise<Caller> {
    const { presented, route } = request.admission!;
    try {
      return await this.callers.resolve(verified, presented, await this.#findProxy(route));
    } catch (error) {
      throw toUniformRefusal(error);
    }
  }

  /**
   * Without an id in the path, uses the deployment's default LLM proxy: a token does not name a Gatehouse organization.
   */
  async #findProxy({ proxyId, surface }: AuthRoute): Promise<LlmProxy> {
    const proxy = await (proxyId ? this.proxies.getById(proxyId) : this.proxies.getDeploymentDefault());
    if (surface !== 'model-router' || proxy.allowJwtOnRouter) return proxy;
    throw new GatewayError(
      'method_not_accepted',
      'The Model Router does not accept tokens of identity providers here. Exchange the token at the token endpoint, or ask an administrator to allow it.',
    );
  }
}
