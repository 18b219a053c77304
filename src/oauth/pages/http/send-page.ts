import type { FastifyReply } from 'fastify';
import type { VNode } from 'preact';
import { buildPageHeaders } from './headers.js';
import { renderPage } from './render-page.js';

/** Responds with a page. `formTargets`: targets that its forms may lead to besides this origin. */
export async function sendPage(
  reply: FastifyReply,
  page: VNode,
  { status = 200, formTargets = [] }: { status?: number; formTargets?: readonly string[] } = {},
): Promise<void> {
  await reply.status(status).headers(buildPageHeaders(formTargets)).send(renderPage(page));
}
