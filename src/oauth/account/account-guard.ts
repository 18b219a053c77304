/** Who may come to the account pages, and what a form must bring: said once, so that no handler can forget it. */
import { applyDecorators, Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { SignedIn } from '../../auth/route-access.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { BROWSER_SESSION } from '../sign-in/browser-session.strategy.js';
import { PageCsrf } from '../sign-in/page-csrf.js';
import { formOf } from '../sign-in/page-form.js';

@Injectable()
export class AccountGuard implements CanActivate {
  constructor(private readonly csrf: PageCsrf) {}

  /** Comes after the guard that has found out who calls. */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { method, credentialId } = request.caller!;
    if (method !== BROWSER_SESSION) {
      throw new GatewayError(
        'method_not_accepted',
        'This page is for people who sign in with a browser. Programs use the admin API, which is described at /api/docs.',
      );
    }
    if (request.method === 'POST') this.csrf.check(request, formOf(request), credentialId);
    return true;
  }
}

/** For every controller of the account pages but the one that signs in. */
export const AccountRoutes = () => applyDecorators(ApiExcludeController(), SignedIn(), UseGuards(AccountGuard));
