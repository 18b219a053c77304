/**
 * Redirects browsers on behalf of clients. A client that registered itself chooses its own redirect URIs, so an
 * automatic redirect to one would make this server an open redirector (RFC 9700 §4.11.2). A person who has not allowed
 * the client before sees a page with the host and decides. Clients of an organization get the redirect of RFC 6749
 * §4.1.2.1.
 */
import { Injectable } from '@nestjs/common';
import type { Context, Next } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientLookup } from '../../../clients/authentication/oauth-client.lookup.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { isFirstPartyClient } from '../../protocol/first-party-clients.js';
import { ConsentStore } from '../../consent/consent.store.js';
import { PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { readPostedForm, type PostedForm } from './posted-form.js';
import { ProtocolPages, type ClientRedirect } from './protocol-pages.js';

const AUTHORIZATION_ROUTES: ReadonlySet<string> = new Set(['authorization', 'resume']);

@Injectable()
export class ClientRedirects {
  constructor(
    private readonly directory: OAuthClientLookup,
    private readonly consents: ConsentStore,
    private readonly pages: ProtocolPages,
    private readonly config: AppConfig,
  ) {}

  /** For `provider.use`: replaces redirects that need a decision, and the page that the library renders. */
  readonly middleware = async (ctx: Context, next: Next): Promise<void> => {
    await next();
    const oidc = ctx as KoaContextWithOIDC;
    const form = readPostedForm(ctx.body);
    const redirect = this.#findRedirect(oidc, form);
    if (redirect !== null && !(await this.#isTrusted(oidc))) {
      ctx.remove('location');
      this.pages.renderLeave(oidc, redirect);
    } else if (form !== null) this.pages.renderPostForm(oidc, form);
  };

  /**
   * Returns the target of a response that leads to the client without its user's decision: an authorization error, or
   * the end of a session. Null for all others; a successful authorization has that decision.
   */
  #findRedirect({ oidc, response }: KoaContextWithOIDC, form: PostedForm | null): ClientRedirect | null {
    // Koa 3 returns undefined for a header that is not set; its types claim a string.
    const location = (response.get('location') as string | undefined) ?? '';
    const isOwn = location.startsWith('/') || location.startsWith(`${this.config.http.publicUrl}/`);
    const externalUrl = location !== '' && !isOwn ? location : null;
    if (oidc?.route === 'end_session_confirm')
      return externalUrl === null ? null : { kind: 'sign-out', href: externalUrl };
    if (!AUTHORIZATION_ROUTES.has(oidc?.route)) return null;
    if (form !== null) {
      const isOwnTarget = form.action.startsWith(`${this.config.http.publicUrl}${PROTOCOL_ROUTES.end_session}`);
      return isOwnTarget || !('error' in form.fields) ? null : { kind: 'error', form, error: form.fields };
    }
    const error = externalUrl === null ? null : readError(externalUrl);
    return error && { kind: 'error', href: externalUrl!, error };
  }

  /**
   * Whether the client belongs to the product or an organization, or the person at the browser has allowed it. Unknown
   * clients are not trusted.
   */
  async #isTrusted({ oidc }: KoaContextWithOIDC): Promise<boolean> {
    const clientId = oidc.client?.clientId;
    if (clientId === undefined) return false;
    if (isFirstPartyClient(clientId)) return true;
    const client = await this.directory.findByClientId(clientId);
    if (!client) return false;
    if (client.organizationId !== null) return true;
    const userId = oidc.session?.accountId;
    return userId !== undefined && this.consents.exists(userId, clientId, client.version);
  }
}

interface ErrorParameters {
  error?: string;
  error_description?: string;
}

/** Returns the error in the query or the fragment (`response_mode=fragment`) of a URL. */
function readError(address: string): ErrorParameters | null {
  const { searchParams, hash } = new URL(address);
  const source = [new URLSearchParams(hash.slice(1)), searchParams].find((each) => each.has('error'));
  if (!source) return null;
  const description = source.get('error_description');
  return { error: source.get('error')!, ...(description === null ? {} : { error_description: description }) };
}
