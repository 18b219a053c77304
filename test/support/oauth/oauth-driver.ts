/** Uses the authorization server as an app without a library does: plain requests, forms and JSON. */
import { createHash, randomBytes } from 'node:crypto';
import type { Json } from '../http/admin-client.js';
import { headingOf, PageBrowser, type PageLocation } from './page-browser.js';

export const REDIRECT_URI = 'https://notes.example.com/oauth/callback';

export interface OAuthResponse {
  status: number;
  headers: Headers;
  body: Json;
}

export interface Pkce {
  verifier: string;
  challenge: string;
}

export interface Person {
  email: string;
  password: string;
}

/** The owner that `startGateway` creates. */
export const OWNER: Person = { email: 'owner@example.com', password: 'correct horse battery staple' };

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export class OAuthDriver {
  constructor(readonly url: string) {}

  browser(): PageBrowser {
    return new PageBrowser(this.url);
  }

  /** Submits a form to an endpoint below /api/auth/oauth2. */
  async post(
    endpoint: string,
    form: Record<string, string> | [string, string][],
    headers: Record<string, string> = {},
  ): Promise<OAuthResponse> {
    return answerOf(
      await fetch(`${this.url}/api/auth/oauth2/${endpoint}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form),
      }),
    );
  }

  token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<OAuthResponse> {
    return this.post('token', form, headers);
  }

  /** RFC 7591. Registers a public client, unless `over` says otherwise. */
  async register(over: object = {}): Promise<OAuthResponse> {
    return answerOf(
      await fetch(`${this.url}/api/auth/oauth2/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          client_name: 'An app',
          redirect_uris: [REDIRECT_URI],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
          ...over,
        }),
      }),
    );
  }

  authorizeUrl(clientId: string, pkce: Pkce, over: Record<string, string | undefined> = {}): URL {
    const url = new URL('/api/auth/oauth2/authorize', this.url);
    const parameters: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'llm:proxy offline_access',
      state: 'a-state',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      ...over,
    };
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  /** Walks through sign-in and consent pages to the end of the authorization. Also returns the pages' headings. */
  async through(
    browser: PageBrowser,
    start: PageLocation,
    { person = OWNER, decision = 'allow' }: { person?: Person; decision?: 'allow' | 'deny' } = {},
  ): Promise<{ place: PageLocation; pages: string[] }> {
    let place = start;
    const pages: string[] = [];
    while (/^\/(?:auth\/sign-in|oauth\/consent)\//.test(place.url.pathname) && place.status === 200) {
      pages.push(headingOf(place.html));
      if (pages.length > 5) throw new Error(`asked again and again: ${pages.join(', ')}`);
      place = place.url.pathname.startsWith('/auth/')
        ? await browser.submit(place, { email: person.email, password: person.password })
        : await browser.submit(place, { decision });
    }
    return { place, pages };
  }

  /** Runs an authorization from its first request to the code. Throws when it ends otherwise. */
  async code(
    clientId: string,
    pkce: Pkce,
    options: {
      over?: Record<string, string | undefined>;
      browser?: PageBrowser;
      person?: Person;
    } = {},
  ): Promise<string> {
    const browser = options.browser ?? this.browser();
    const start = await browser.go(this.authorizeUrl(clientId, pkce, options.over));
    const { place } = await this.through(browser, start, options.person ? { person: options.person } : {});
    const code = place.url.searchParams.get('code');
    if (code === null) throw new Error(`no code came: ${place.url.href} ${place.html.slice(0, 1500)}`);
    return code;
  }

  redeem(clientId: string, code: string, verifier: string, over: Record<string, string> = {}): Promise<OAuthResponse> {
    return this.token({
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
      ...over,
    });
  }

  refresh(clientId: string, refreshToken: string, over: Record<string, string> = {}): Promise<OAuthResponse> {
    return this.token({ grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken, ...over });
  }

  /** Returns a public client (self-registered, unless one is named), and tokens for it with a user's consent. */
  async userTokens(
    options: Parameters<OAuthDriver['code']>[2] & { clientId?: string } = {},
  ): Promise<{ clientId: string; tokens: Json }> {
    const clientId = options.clientId ?? ((await this.register()).body.client_id as string);
    const pkce = newPkce();
    const answer = await this.redeem(clientId, await this.code(clientId, pkce, options), pkce.verifier);
    if (answer.status !== 200) throw new Error(`the token endpoint responded with ${JSON.stringify(answer.body)}`);
    return { clientId, tokens: answer.body };
  }

  /** Returns an application's token, by its secret. */
  clientToken(
    client: { clientId: string; clientSecret: string },
    over: Record<string, string> = {},
  ): Promise<OAuthResponse> {
    return this.token({ grant_type: 'client_credentials', ...over }, basic(client.clientId, client.clientSecret));
  }
}

/** A client as registered by an administrator; it may request the admin API. */
export const PUBLIC_APP = {
  name: 'An app',
  grantType: 'authorization_code',
  scope: 'org',
  tokenEndpointAuthMethod: 'none',
  redirectUris: [REDIRECT_URI],
};

/** RFC 6749 §2.3.1. */
export const basic = (clientId: string, secret: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

async function answerOf(response: Response): Promise<OAuthResponse> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text };
}
