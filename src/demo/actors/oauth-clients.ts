/** The two kinds of OAuth applications, written without a library. */
import { createHash, randomBytes } from 'node:crypto';
import type { DemoPerson } from './person.js';

const OAUTH = '/api/auth/oauth2';
/** Redirect URI of the app. No server listens there: the walk ends before. */
const CALLBACK = 'http://127.0.0.1:1/callback';

interface Tokens {
  access_token: string;
  refresh_token?: string;
}

/** An application that calls on its own behalf: it has a secret and no user. */
export class DemoService {
  constructor(
    private readonly url: string,
    readonly client: { id: string; name: string; clientId: string; clientSecret: string },
  ) {}

  async fetchToken(): Promise<string> {
    const { clientId, clientSecret } = this.client;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    return (await fetchTokens(this.url, { grant_type: 'client_credentials' }, headers)).access_token;
  }
}

/** An app that acts for a user: it has registered itself, and has no secret. */
export class DemoApp {
  readonly name = 'Notebook';
  #clientId = '';
  #refreshToken: string | undefined;

  constructor(private readonly url: string) {}

  /** Registers, has the person sign in, and gets their consent. */
  async connect(person: DemoPerson): Promise<void> {
    const registration = { client_name: this.name, redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
    this.#clientId = (await post<{ client_id: string }>(`${this.url}${OAUTH}/register`, registration)).client_id;
    const verifier = randomBytes(32).toString('base64url');
    const authorization = new URL(`${OAUTH}/authorize`, this.url);
    const state = randomBytes(16).toString('base64url');
    authorization.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.#clientId,
      redirect_uri: CALLBACK,
      scope: 'llm:proxy',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    const { searchParams: callback } = await person.allow(authorization);
    if (callback.get('state') !== state || callback.get('iss') !== this.url)
      throw new Error(`no code came: ${callback}`);
    await this.#requestTokens({
      grant_type: 'authorization_code',
      code: callback.get('code')!,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    });
  }

  /** Returns a new token each time, for a refresh token that is thereby used up. */
  async fetchToken(): Promise<string> {
    return (await this.#requestTokens({ grant_type: 'refresh_token', refresh_token: this.#refreshToken! }))
      .access_token;
  }

  async #requestTokens(form: Record<string, string>): Promise<Tokens> {
    const tokens = await fetchTokens(this.url, { ...form, client_id: this.#clientId });
    this.#refreshToken = tokens.refresh_token;
    return tokens;
  }
}

const fetchTokens = (url: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Tokens> =>
  post<Tokens>(`${url}${OAUTH}/token`, new URLSearchParams(form), headers);

async function post<T>(url: string, body: object, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    ...(body instanceof URLSearchParams
      ? { headers, body }
      : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
