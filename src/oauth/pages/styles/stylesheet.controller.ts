import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../../auth/methods/route-access.js';
import { PAGE_STYLES } from './stylesheet.js';

/** A year: the pages refer to the styles by their hash. */
const MAX_AGE_SECONDS = 31_536_000;

@ApiExcludeController()
@Public()
@Controller('auth/pages.css')
export class PageStylesController {
  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .headers({
        'content-type': 'text/css; charset=utf-8',
        'cache-control': `public, max-age=${MAX_AGE_SECONDS}, immutable`,
        'x-content-type-options': 'nosniff',
      })
      .send(PAGE_STYLES);
  }
}
