/**
 * Handles POST at the two endpoints that browsers are sent to (OpenID Connect Core §3.1.2.1, RP-Initiated Logout 1.0
 * §2). The library allows it only with `SameSite=None` cookies, which would expose every form of the gateway. Here the
 * form replaces the query. Browsers send no `Lax` cookie with a form from another site, so such a form is redirected to
 * a GET, with which they do.
 */
import { parse, type ParsedUrlQuery } from 'node:querystring';
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { decodeJwt } from 'jose';
import { PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { OWN_DESCRIPTIONS } from '../../protocol/error-texts.js';
import { readCookie } from '../../sessions/cookie-value.js';
import { SessionCookie } from '../../sessions/session-cookie.js';
import { ProtocolPages } from './protocol-pages.js';

const POSTABLE_PATHS: ReadonlySet<string> = new Set([PROTOCOL_ROUTES.authorization, PROTOCOL_ROUTES.end_session]);

/** The library's own limit for forms. */
const MAX_FORM_BYTES = 56 * 1024;
/** Longer URLs fail in proxies; such a form is processed without the browser's session. */
const MAX_QUERY_CHARACTERS = 4_000;

@Injectable()
export class PostedRequests {
  constructor(
    private readonly cookie: SessionCookie,
    readonly pages: ProtocolPages,
  ) {}

  /** For `provider.use`. */
  readonly middleware = async (ctx: Context, next: Next): Promise<void> => {
    if (ctx.method !== 'POST' || !POSTABLE_PATHS.has(ctx.path)) {
      await next();
      return;
    }
    const form = await readForm(ctx.req);
    if (form === null) {
      ctx.status = 400;
      this.pages.renderError(ctx as KoaContextWithOIDC, {
        error: 'invalid_request',
        error_description: OWN_DESCRIPTIONS.notAForm,
      });
      return;
    }
    const query = this.#hasNoCookies(ctx) ? buildPortableQuery(form) : null;
    if (query !== null && query.length <= MAX_QUERY_CHARACTERS) {
      ctx.set('cache-control', 'no-store');
      ctx.status = 303;
      ctx.redirect(`${ctx.path}?${query}`);
      return;
    }
    ctx.method = 'GET';
    // Sets the query without changing the URL, where an ID token does not belong.
    Object.defineProperty(ctx, 'query', { value: form, writable: true, configurable: true });
    await next();
  };

  #hasNoCookies(ctx: Context): boolean {
    return ctx.get('sec-fetch-site') === 'cross-site' && readCookie(ctx.get('cookie'), this.cookie.name) === '';
  }
}

/** Returns null for a body that is not a form, or longer than any useful form. */
async function readForm(request: IncomingMessage): Promise<ParsedUrlQuery | null> {
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/x-www-form-urlencoded *(?:;|$)/i.test(type)) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_FORM_BYTES) return null;
      chunks.push(chunk);
    }
  } catch {
    return null; // the client disconnected
  }
  return parse(Buffer.concat(chunks).toString('utf8'));
}

/**
 * Returns the form as a query. An ID token must not be in a URL: it is replaced by the client that it names. Null if
 * that client cannot be determined; the form is then processed as it is.
 */
function buildPortableQuery({ id_token_hint: hint, ...form }: ParsedUrlQuery): string | null {
  const query = new URLSearchParams(
    Object.entries(form).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each])),
  );
  if (hint === undefined) return query.toString();
  const audience = readAudience(hint);
  if (audience === null || (form.client_id !== undefined && form.client_id !== audience)) return null;
  query.set('client_id', audience);
  return query.toString();
}

function readAudience(hint: string | string[]): string | null {
  try {
    const { aud } = decodeJwt(String(hint));
    return typeof aud === 'string' ? aud : null;
  } catch {
    return null;
  }
}
