/** Shows errors to people on the gateway's own pages. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import { PAGE_ROUTES } from '../../protocol/paths.js';
import { ErrorPage } from '../error.page.js';
import { buildPageHeaders } from './headers.js';
import { renderPage } from './render-page.js';

const NOT_SIGNED_IN: ReadonlySet<string> = new Set(['credential_missing', 'credential_invalid', 'credential_expired']);

/**
 * Redirects people who are not signed in to the sign-in. Shows all other errors on a page, with the id of the request.
 */
export function sendErrorPage(error: GatewayError, request: FastifyRequest, reply: FastifyReply): void {
  if (NOT_SIGNED_IN.has(error.code)) {
    void reply.header('cache-control', 'no-store').redirect(`${PAGE_ROUTES.account}/sign-in`, 303);
    return;
  }
  const page = <ErrorPage title={error.title} message={error.detail} code={error.code} requestId={request.id} />;
  void reply
    .status(error.status)
    .headers(buildPageHeaders([]))
    .headers(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) })
    .send(renderPage(page));
}
