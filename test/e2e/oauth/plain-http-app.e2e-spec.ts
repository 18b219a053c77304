/** An app without any library: JSON registration, the plain code flow, an LLM call, a refresh. */
import { newPkce, OAuthDriver, REDIRECT_URI } from '../../support/oauth/oauth-driver.js';
import { familyOf, startStage, type Stage } from '../../support/gateway/stage.js';

const openai = familyOf('openai');

describe('apps without an OAuth library', () => {
  let stage: Stage;
  let oauth: OAuthDriver;
  beforeAll(async () => {
    stage = await startStage();
    oauth = new OAuthDriver(stage.gateway.url);
  });
  afterAll(() => stage.close());

  const call = (token: string) => stage.chat(openai, [['authorization', `Bearer ${token}`]]);

  it('an app without a library registers, gets consent, calls a model and refreshes', async () => {
    const registered = await oauth.register({ client_name: 'Raw app' });
    expect(registered.status).toBe(201);
    expect(registered.body).toMatchObject({ token_endpoint_auth_method: 'none', redirect_uris: [REDIRECT_URI] });
    expect(registered.body.client_id).toMatch(/^llm_oauth_/);
    expect(registered.body).not.toHaveProperty('client_secret');
    const clientId = registered.body.client_id as string;

    const pkce = newPkce();
    const browser = oauth.browser();
    const { place, pages } = await oauth.through(browser, await browser.go(oauth.authorizeUrl(clientId, pkce)));
    expect(pages).toEqual(['Sign in', 'Allow this app?']);
    expect(place.url.href.split('?')[0]).toBe(REDIRECT_URI);
    expect(Object.fromEntries(place.url.searchParams)).toMatchObject({ state: 'a-state', iss: stage.gateway.url });

    const issued = await oauth.redeem(clientId, place.url.searchParams.get('code')!, pkce.verifier);
    expect(issued.status).toBe(200);
    expect(issued.headers.get('cache-control')).toBe('no-store');
    expect(issued.body).toEqual({
      access_token: expect.stringMatching(/^llm_ut_[\w-]{43}[0-9A-Za-z]{6}$/),
      refresh_token: expect.stringMatching(/^llm_rt_[\w-]{43}[0-9A-Za-z]{6}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'llm:proxy',
    });

    const answer = await call(issued.body.access_token as string);
    expect(answer.status).toBe(200);
    expect(stage.fake.received.at(-1)!.headers.authorization).toBe('Bearer sk-stored-openai-0123456789abcdef');
    const [client] = await stage.sql<{ id: string }>('SELECT id FROM oauth_client WHERE client_id = $1', [clientId]);
    const [owner] = await stage.sql<{ id: string }>("SELECT id FROM app_user WHERE email = 'owner@example.com'");
    expect(await stage.recordOf(answer)).toMatchObject({
      auth_method: 'oauth-user',
      user_id: owner!.id,
      oauth_client_id: client!.id,
    });

    const refreshed = await oauth.refresh(clientId, issued.body.refresh_token as string);
    expect(refreshed.status).toBe(200);
    expect(refreshed.body.refresh_token).not.toBe(issued.body.refresh_token);
    expect((await call(refreshed.body.access_token as string)).status).toBe(200);
  });

  it('an authorization request without a scope gets llm:proxy', async () => {
    const { tokens } = await oauth.userTokens({ over: { scope: undefined } });
    expect(tokens.scope).toBe('llm:proxy');
    expect((await call(tokens.access_token as string)).status).toBe(200);
  });
});
