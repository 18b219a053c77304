/**
 * Apps and services as most people write them: with openid-client, which is an independent implementation and verifies
 * responses.
 */
import * as oidc from 'openid-client';
import { hashPassword } from '../../../src/orgs/sign-in/password-hash.js';
import { Secret } from '../../../src/platform/crypto/secret.js';
import type { AdminClient, Json } from '../http/admin-client.js';
import { expectRefusal } from '../http/llm-errors.js';
import { OAuthDriver, type Person } from './oauth-driver.js';
import type { PageBrowser, PageLocation } from './page-browser.js';
import { familyOf, type Family, type Stage } from '../gateway/stage.js';
import { eventually, type WireResponse } from '../http/wire-client.js';

/** The redirect URI of an app on a server. No server listens there: the walk ends before. */
export const CALLBACK = 'https://app.example.com/oauth/callback';

/** A client as the admin API returns it on creation. */
export interface CreatedClient {
  id: string;
  clientId: string;
  clientSecret: string | null;
}

/** A person with a password to sign in with. */
export interface Newcomer extends Person {
  id: string;
  /** Calls the admin API as this person. */
  admin: AdminClient;
}

/** A started authorization: the browser's URL, and the checks that the library will make on the response. */
export interface Begun {
  url: URL;
  checks: oidc.AuthorizationCodeGrantChecks;
}

export interface Walk {
  person?: Person;
  browser?: PageBrowser;
  decision?: 'allow' | 'deny';
}

/** Helpers for people, clients and walks, over a stage. */
export class LibraryApps {
  readonly oauth: OAuthDriver;
  readonly issuer: URL;

  constructor(readonly stage: Stage) {
    this.oauth = new OAuthDriver(stage.gateway.url);
    this.issuer = new URL(stage.gateway.url);
  }

  /** The library's own discovery: OpenID Connect's, or RFC 8414's with `oauth2`. */
  configure(
    client: { clientId: string; clientSecret?: string | null },
    auth: oidc.ClientAuth = client.clientSecret ? oidc.ClientSecretBasic(client.clientSecret) : oidc.None(),
    algorithm: 'oidc' | 'oauth2' = 'oidc',
    metadata: Partial<oidc.ClientMetadata> = {},
  ): Promise<oidc.Configuration> {
    return oidc.discovery(this.issuer, client.clientId, metadata, auth, {
      execute: [oidc.allowInsecureRequests],
      algorithm,
    });
  }

  /**
   * Creates a client of the organization; of grant type client_credentials, with the key for OpenAI, unless `over` says
   * otherwise.
   */
  service(over: object = {}, as: AdminClient = this.stage.gateway.admin): Promise<CreatedClient> {
    return as.create('/api/llm-oauth-clients', {
      name: 'A service',
      grantType: 'client_credentials',
      scope: 'org',
      allowedLlmProxyIds: [this.stage.defaultProxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: this.stage.providerKeyIds.openai }],
      ...over,
    }) as Promise<CreatedClient>;
  }

  /** Creates a client that people sign in to. */
  app(over: object = {}, as: AdminClient = this.stage.gateway.admin): Promise<CreatedClient> {
    return as.create('/api/llm-oauth-clients', {
      name: 'An app',
      grantType: 'authorization_code',
      scope: 'org',
      redirectUris: [CALLBACK],
      ...over,
    }) as Promise<CreatedClient>;
  }

  /** Creates a user of the default organization, with a password and an admin API key. */
  async newcomer(role = 'member'): Promise<Newcomer> {
    const { id, admin } = await this.stage.person(role);
    return { id, admin, ...(await this.givePassword(id)) };
  }

  /** Gives an existing user a password. */
  async givePassword(userId: string): Promise<Person> {
    const [user] = await this.stage.sql<{ email: string }>(
      `WITH changed AS (UPDATE app_user SET password_hash = $2, email_verified_at = now(), name = 'Nadia Newcomer' WHERE id = $1 RETURNING email)
       SELECT * FROM changed`,
      [userId, await passwordHash()],
    );
    return { email: user!.email, password: PASSWORD };
  }

  async begin(
    config: oidc.Configuration,
    over: Record<string, string> = {},
  ): Promise<Begun & { parameters: Record<string, string> }> {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const expectedState = oidc.randomState();
    const parameters: Record<string, string> = {
      redirect_uri: CALLBACK,
      scope: 'llm:proxy',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      ...over,
    };
    const checks: oidc.AuthorizationCodeGrantChecks = {
      pkceCodeVerifier,
      expectedState,
      ...(parameters.nonce === undefined ? {} : { expectedNonce: parameters.nonce }),
    };
    return { url: oidc.buildAuthorizationUrl(config, parameters), checks, parameters };
  }

  /** Walks through sign-in and consent to the end. Returns the headings of the pages. */
  async walk(
    url: URL,
    { person, browser = this.oauth.browser(), decision }: Walk,
  ): Promise<{ place: PageLocation; pages: string[] }> {
    return this.oauth.through(browser, await browser.go(url), {
      ...(person ? { person } : {}),
      ...(decision ? { decision } : {}),
    });
  }

  /** Runs an authorization from the first request to the tokens, with all checks of the library. */
  async authorize(
    config: oidc.Configuration,
    { over = {}, ...walk }: Walk & { over?: Record<string, string> } = {},
  ): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
    const { url, checks } = await this.begin(config, over);
    const { place } = await this.walk(url, walk);
    return oidc.authorizationCodeGrant(config, place.url, checks);
  }

  /** Makes an LLM call with a token. */
  chat(token: string, { family = 'openai', headers = [], ...rest }: ChatOptions = {}): Promise<WireResponse> {
    return this.stage.chat(familyOf(family), [['authorization', `Bearer ${token}`], ...headers], rest);
  }

  /** Expects that an LLM call is refused in the format of the family, and that nothing reaches the provider. */
  async expectRefused(token: string, status: number, code: string, options: ChatOptions = {}): Promise<void> {
    const before = this.stage.fake.started;
    expectRefusal(options.family ?? 'openai', await this.chat(token, options), { status, code });
    expect(this.stage.fake.started).toBe(before);
  }

  /** Expects that the provider responds to an LLM call. */
  async expectServed(token: string, options: ChatOptions = {}): Promise<WireResponse> {
    const before = this.stage.fake.received.length;
    const answer = await this.chat(token, options);
    expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
      status: 200,
      text: '',
    });
    expect(this.stage.fake.received).toHaveLength(before + 1);
    return answer;
  }

  /** Returns the audit entries of an action on a target, oldest first. Some are written shortly after the response. */
  async audited(action: string, targetId: string, count = 1): Promise<Json[]> {
    return eventually(async () => {
      const entries = await this.stage.sql<Json>(
        `SELECT action, actor_type, actor_id, credential_id, target_type, target_id, before, after, request_id,
                client_address
           FROM audit_entry WHERE action = $1 AND target_id = $2 ORDER BY id`,
        [action, targetId],
      );
      return entries.length >= count && entries;
    }, `${count} audit entries ${action} about ${targetId}`);
  }

  /** Returns the audit entries of an action on tokens of a client, oldest first. */
  auditedOf(action: string, { clientId }: { clientId: string }): Promise<Json[]> {
    return this.stage.sql<Json>(
      `SELECT action, actor_type, actor_id, credential_id, target_type, target_id, before, after, request_id,
              client_address
         FROM audit_entry WHERE action = $1 AND COALESCE(after, before)->>'clientId' = $2 ORDER BY id`,
      [action, clientId],
    );
  }
}

export interface ChatOptions {
  family?: Family['id'];
  headers?: readonly (readonly [string, string])[];
  proxyId?: string;
  path?: string;
  body?: string;
}

const PASSWORD = 'a password of nobody in particular';
let hashed: Promise<string> | undefined;
/** Computed once: hashing is deliberately slow. */
const passwordHash = (): Promise<string> => (hashed ??= hashPassword(new Secret(PASSWORD)));

/** Returns the server's response to a call of the library that was refused. Fails when the call succeeds. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ status: number; error: string; description: string | undefined }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError) {
      return { status: error.status, error: error.error, description: error.error_description };
    }
    if (error instanceof oidc.WWWAuthenticateChallengeError) {
      const { error: code = '', error_description: description } = error.cause[0]!.parameters;
      return { status: error.status, error: code, description };
    }
    throw error;
  }
  throw new Error('the server did not refuse');
}

const realNow = Date.now;

/**
 * Moves every clock of this process: the gateway's, the client library's and the server library's. Call `undo` in an
 * `afterEach`.
 */
export const time = {
  travel(milliseconds: number): void {
    const before = Date.now;
    Date.now = () => before() + milliseconds;
  },
  undo(): void {
    Date.now = realNow;
  },
};

export const SECOND = 1000;
export const DAY = 86_400_000;
