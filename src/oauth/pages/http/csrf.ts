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
  createToken(subject: string): string {
    return computeTag(this.#keys[0]!, subject).toString('base64url');
  }

  /** Throws `origin_not_allowed` for a form from elsewhere. */
  check(request: FastifyRequest, form: PageForm, subject: string): void {
    const { origin } = request.raw.headers;
    const received = Buffer.from(form.getText('csrf'), 'base64url');
    const isValid = this.#keys.some((key) => {
      const expected = computeTag(key, subject);
      return received.length === expected.length && timingSafeEqual(received, expected);
    });
    if (isValid && (origin === undefined || origin === this.config.http.publicUrl)) return;
    throw new GatewayError(
      'origin_not_allowed',
      'This form was not sent from a page of this site, or is out of date. Go back, load the page again, and repeat.',
    );
  }
}

const computeTag = (key: Buffer, subject: string): Buffer => createHmac('sha256', key).update(subject).digest();
