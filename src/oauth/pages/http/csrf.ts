/**
 * Proves that a form comes from the gateway's own page: a MAC over the subject of the page, with a key of this
 * deployment. Complements the browser's own signals (`Origin`, `SameSite`), which not every client sends.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../../platform/config/app-config.js';
import { SealedBox } from '../../../platform/crypto/sealed-box.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { PageForm } from './form.js';

@Injectable()
export class PageCsrf {
  readonly #keys: readonly Buffer[];

  constructor(
    box: SealedBox,
    private readonly config: AppConfig,
  ) {
    this.#keys = box.derive('page forms');
  }

  /** Returns the value of the page's hidden field `csrf`. `about`: an interaction, a session, an invitation. */
  token(about: string): string {
    return tag(this.#keys[0]!, about).toString('base64url');
  }

  /** Throws `origin_not_allowed` for a form from elsewhere. */
  check(request: FastifyRequest, form: PageForm, about: string): void {
    const { origin } = request.raw.headers;
    const given = Buffer.from(form.text('csrf'), 'base64url');
    const isValid = this.#keys.some((key) => {
      const expected = tag(key, about);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    if (isValid && (origin === undefined || origin === this.config.http.publicUrl)) return;
    throw new GatewayError(
      'origin_not_allowed',
      'This form was not sent from a page of this site, or is out of date. Go back, load the page again, and repeat.',
    );
  }
}

const tag = (key: Buffer, about: string): Buffer => createHmac('sha256', key).update(about).digest();
