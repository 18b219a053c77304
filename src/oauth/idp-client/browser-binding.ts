/** Binds a sign-in through a provider to one browser, so that a response fetched in another browser signs no one in. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tokenDigest } from '../../platform/crypto/token-digest.js';
import { cookieValue } from '../sessions/cookie-value.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { LIFETIMES } from '../tokens/lifetimes.js';
import { callbackPath } from './paths.js';

/** One sign-in of one interaction (`uid`) through one provider. */
export interface Way {
  uid: string;
  /** The provider's name in URLs. */
  provider: string;
}

@Injectable()
export class BrowserBinding {
  constructor(private readonly session: SessionCookie) {}

  /** Gives the browser a secret and returns its digest. */
  bind(reply: FastifyReply, way: Way): string {
    const value = randomBytes(32).toString('base64url');
    void reply.header('set-cookie', this.#cookie(way, value, LIFETIMES.interaction));
    return tokenDigest(value).toString('base64url');
  }

  isBound(request: FastifyRequest, { uid }: Way, digest: string): boolean {
    const value = cookieValue(request.raw.headers.cookie, this.#name(uid));
    return timingSafeEqual(tokenDigest(value), Buffer.from(digest, 'base64url'));
  }

  release(reply: FastifyReply, way: Way): void {
    void reply.header('set-cookie', this.#cookie(way, '', 0));
  }

  /** The cookie name is unique per interaction, so that two tabs do not disturb each other. */
  #name(uid: string): string {
    return `${this.session.isSecure ? '__Secure-' : ''}gatehouse_idp_${uid}`;
  }

  #cookie({ uid, provider }: Way, value: string, maxAgeSeconds: number): string {
    // Lax: the cookie must be sent when the provider redirects the browser back.
    const attributes = [`Path=${callbackPath(provider)}`, `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax'];
    if (this.session.isSecure) attributes.push('Secure');
    return [`${this.#name(uid)}=${value}`, ...attributes].join('; ');
  }
}
