import type { FastifyReply } from 'fastify';
import type { VNode } from 'preact';
import { pageHeaders } from './headers.js';
import { renderPage } from './render-page.js';

/** Responds with a page. `formTargets`: targets that its forms may lead to besides this origin. */
export async function replyWithPage(
  reply: FastifyReply,
  page: VNode,
  { status = 200, formTargets = [] }: { status?: number; formTargets?: readonly string[] } = {},
): Promise<void> {
  await reply.status(status).headers(pageHeaders(formTargets)).send(renderPage(page));
}
