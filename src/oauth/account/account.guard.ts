/**
 * Decides who may access the account pages and what their forms must carry. Declared in one place, so that no handler
 * can omit it.
 */
import { applyDecorators, Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { SignedIn } from '../../auth/methods/route-access.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { BROWSER_SESSION } from '../sessions/browser-session.strategy.js';
import { PageCsrf } from '../pages/http/csrf.js';
import { readPageForm } from '../pages/http/form.js';

@Injectable()
export class AccountGuard implements CanActivate {
  constructor(private readonly csrf: PageCsrf) {}

  /** Runs after the guard that identifies the caller. */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { method, credentialId } = request.caller!;
    if (method !== BROWSER_SESSION) {
      throw new GatewayError(
        'method_not_accepted',
        'This page is for people who sign in with a browser. Programs use the admin API, which is described at /api/docs.',
      );
    }
    if (request.method === 'POST') this.csrf.check(request, readPageForm(request), credentialId);
    return true;
  }
}

/** For every controller of the account pages except the one that signs in. */
export const AccountRoutes = () => applyDecorators(ApiExcludeController(), SignedIn(), UseGuards(AccountGuard));
