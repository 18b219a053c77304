import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { VNode } from 'preact';
import { Public } from '../../auth/methods/route-access.js';
import { buildPageHeaders } from '../../oauth/pages/http/headers.js';
import { renderPage } from '../../oauth/pages/http/render-page.js';
import { isErrorCode } from '../../platform/errors/error-catalog.js';
import { ERROR_PAGES_PATH } from '../../platform/http/problem-details.js';
import { ErrorCodePage, ErrorCodesPage, UnknownCodePage } from './error-code.page.js';

const MAX_AGE_SECONDS = 300;

/** Serves the pages that the `type` of problem details refers to. They contain the catalog, and nothing of a request. */
@ApiExcludeController()
@Public()
@Controller(ERROR_PAGES_PATH)
export class ErrorPagesController {
  @Get()
  async list(@Res() reply: FastifyReply): Promise<void> {
    await send(reply, 200, <ErrorCodesPage />);
  }

  @Get(':code')
  async show(@Param('code') code: string, @Res() reply: FastifyReply): Promise<void> {
    if (isErrorCode(code)) await send(reply, 200, <ErrorCodePage code={code} />);
    else await send(reply, 404, <UnknownCodePage />);
  }
}

async function send(reply: FastifyReply, status: 200 | 404, page: VNode): Promise<void> {
  await reply
    .status(status)
    .headers({
      ...buildPageHeaders([]),
      'referrer-policy': 'no-referrer',
      ...(status === 200 ? { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` } : {}),
    })
    .send(renderPage(page));
}
