/** Binds a sign-in through a provider to one browser, so that a response fetched in another browser signs no one in. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { readCookie } from '../sessions/cookie-value.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { LIFETIMES } from '../tokens/lifetimes.js';
import { buildCallbackPath } from './paths.js';

/** One sign-in of one interaction (`uid`) through one provider. */
export interface IdpSignIn {
  uid: string;
  /** The provider's name in URLs. */
  provider: string;
}

@Injectable()
export class BrowserBinding {
  constructor(private readonly session: SessionCookie) {}

  /** Gives the browser a secret and returns its digest. */
  bind(reply: FastifyReply, signIn: IdpSignIn): string {
    const value = randomBytes(32).toString('base64url');
    void reply.header('set-cookie', this.#buildCookie(signIn, value, LIFETIMES.interaction));
    return computeTokenDigest(value).toString('base64url');
  }

  isBound(request: FastifyRequest, { uid }: IdpSignIn, digest: string): boolean {
    const value = readCookie(request.raw.headers.cookie, this.#getCookieName(uid));
    return timingSafeEqual(computeTokenDigest(value), Buffer.from(digest, 'base64url'));
  }

  release(reply: FastifyReply, signIn: IdpSignIn): void {
    void reply.header('set-cookie', this.#buildCookie(signIn, '', 0));
  }

  /** The cookie name is unique per interaction, so that two tabs do not disturb each other. */
  #getCookieName(uid: string): string {
    return `${this.session.isSecure ? '__Secure-' : ''}gatehouse_idp_${uid}`;
  }

  #buildCookie({ uid, provider }: IdpSignIn, value: string, maxAgeSeconds: number): string {
    // Lax: the cookie must be sent when the provider redirects the browser back.
    const attributes = [`Path=${buildCallbackPath(provider)}`, `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax'];
    if (this.session.isSecure) attributes.push('Secure');
    return [`${this.#getCookieName(uid)}=${value}`, ...attributes].join('; ');
  }
}
