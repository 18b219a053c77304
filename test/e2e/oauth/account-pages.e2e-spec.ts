/** The account pages: what a person sees and does there, end to end, and what others cannot do in their name. */
import type { Json } from '../../support/http/admin-client.js';
import { invite, type Invited } from '../../support/oauth/invited-user.js';
import { OAuthDriver, OWNER, type Person, PUBLIC_APP } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { effectsOf } from '../../support/gateway/people.js';
import { familyOf, startStage, storedSecret, type Stage } from '../../support/gateway/stage.js';

const openai = familyOf('openai');
const SECRET = 'sk-own-0123456789abcdefghij';

let stage: Stage;
let oauth: OAuthDriver;
let ada: Invited;

beforeAll(async () => {
  stage = await startStage();
  oauth = new OAuthDriver(stage.gateway.url);
  ada = await invite(stage.gateway.admin, 'member', 'ada@example.com');
});
afterAll(() => stage.close());

/** Returns a browser in which the person is signed in, at their account page. */
async function signedIn(person: Person): Promise<PageBrowser> {
  const browser = oauth.browser();
  const { place } = await oauth.through(browser, await browser.go('/account'), { person });
  expect(place.url.pathname).toBe('/account');
  return browser;
}

/** Fills in and submits the form of the account page whose action matches. */
async function send(
  browser: PageBrowser,
  action: RegExp,
  typed: Record<string, string> | [string, string][] = {},
): Promise<PageLocation> {
  const form = formOf((await browser.go('/account')).html, action);
  const fields = Array.isArray(typed) ? typed : Object.entries(typed);
  return browser.go(form.action, [...Object.entries(form.hidden), ...fields]);
}

const addKey = (browser: PageBrowser, over: Record<string, string> = {}): Promise<PageLocation> =>
  send(browser, /provider-keys$/, { name: 'Mine', provider: 'openai', apiKey: SECRET, baseUrl: '', ...over });

const call = async (credential: string) => {
  const answer = await stage.chat(openai, [['authorization', `Bearer ${credential}`]]);
  return { status: answer.status, sent: stage.fake.received.at(-1)?.headers.authorization };
};

const ownedBy = (person: Invited, table: 'provider_key' | 'virtual_key') =>
  stage.sql<{ id: string; name: string; scope: string }>(
    `SELECT id, name, scope FROM ${table} WHERE owner_id = $1 ORDER BY id`,
    [person.id],
  );

const audited = async (action: string): Promise<Json> =>
  (await stage.sql<Json>('SELECT * FROM audit_entry WHERE action = $1 ORDER BY id DESC LIMIT 1', [action]))[0];

const csrfOf = async (browser: PageBrowser): Promise<string> =>
  formOf((await browser.go('/account')).html).hidden.csrf!;

describe('the account page', () => {
  it('the account page asks for a sign-in, then shows the user and the organization', async () => {
    const browser = oauth.browser();
    const asked = await browser.go('/account');
    expect(headingOf(asked.html)).toBe('Sign in');
    const { place } = await oauth.through(browser, asked, { person: ada });
    expect(headingOf(place.html)).toBe('Your account');
    expect(place.html).toContain('ada@example.com');
    expect(place.html).toContain('Default organization');
    expect(place.headers.get('cache-control')).toBe('no-store');
    expect(place.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('the account page rejects admin API keys and access tokens with 401', async () => {
    const app = await stage.gateway.admin.create('/api/llm-oauth-clients', PUBLIC_APP);
    const { tokens } = await oauth.userTokens({
      clientId: app.clientId as string,
      person: ada,
      over: { scope: 'admin:read admin:write' },
    });
    for (const credential of [stage.gateway.adminKey, tokens.access_token as string]) {
      const answer = await fetch(`${stage.gateway.url}/account`, {
        headers: { authorization: `Bearer ${credential}` },
        redirect: 'manual',
      });
      expect(answer.status).toBe(401);
      expect(headingOf(await answer.text())).toBe('This kind of credential is not accepted here');
    }
  });

  it('the account page shows only known messages for ?done=', async () => {
    const browser = await signedIn(ada);
    expect((await browser.go('/account?done=key-added')).html).toContain('The provider key is stored.');
    for (const code of ['<b>pwned</b>', 'toString', '__proto__', 'key-added&done=key-added']) {
      const { status, html } = await browser.go(`/account?done=${code}`);
      expect(status).toBe(200);
      expect(html).not.toMatch(/role="status"|pwned|native code/);
    }
  });
});

describe('personal provider keys', () => {
  it('a personal provider key is added, used by an app, replaced and deleted', async () => {
    const browser = await signedIn(ada);
    const { tokens } = await oauth.userTokens({ person: ada });
    const token = tokens.access_token as string;
    expect(await call(token)).toEqual({ status: 200, sent: `Bearer ${storedSecret('openai')}` });

    const added = await addKey(browser, { apiKey: ` ${SECRET}\n` });
    expect(added.url.href).toBe(`${stage.gateway.url}/account?done=key-added`);
    expect(added.html).toContain('The provider key is stored.');
    expect(added.html).toContain('…ghij');
    expect(added.html).not.toContain(SECRET);
    expect(await call(token)).toEqual({ status: 200, sent: `Bearer ${SECRET}` });
    const [key] = await ownedBy(ada, 'provider_key');
    expect(key).toMatchObject({ name: 'Mine', scope: 'personal' });
    expect(await audited('provider_key.create')).toMatchObject({
      actor_type: 'user',
      actor_id: ada.id,
      target_id: key!.id,
    });

    const replaced = await send(browser, /provider-keys\/.*\/replace$/, { apiKey: 'sk-new-0123456789abcdefghij' });
    expect(replaced.url.search).toBe('?done=key-replaced');
    expect(await call(token)).toEqual({ status: 200, sent: 'Bearer sk-new-0123456789abcdefghij' });

    const deleted = await send(browser, /provider-keys\/.*\/delete$/);
    expect(deleted.url.search).toBe('?done=key-deleted');
    expect(deleted.html).toContain('You have no keys.');
    expect(await call(token)).toEqual({ status: 200, sent: `Bearer ${storedSecret('openai')}` });
  });

  it('a rejected provider key is explained, and the form keeps all but the key', async () => {
    const browser = await signedIn(ada);
    const ours = await addKey(browser, { name: 'My <key>', provider: 'groq', apiKey: 'arch_not-a-providers-key' });
    expect(ours.status).toBe(400);
    expect(ours.html).toContain("The key is one of this gateway's own credentials.");
    expect(ours.html).toContain('value="My &lt;key>"');
    expect(ours.html).toMatch(/<option (?:selected )?value="groq"(?: selected)?>Groq/);
    expect(ours.html).not.toContain('arch_not-a-providers-key');

    const nowhere = await addKey(browser, { provider: 'azure' });
    expect([nowhere.status, nowhere.html]).toEqual([400, expect.stringContaining('has no public address')]);
    const inside = await addKey(browser, { baseUrl: 'http://169.254.169.254/latest' });
    expect(inside.status).toBe(400);
    expect(inside.html).toContain('value="http://169.254.169.254/latest"');
    const strange = await addKey(browser, { provider: 'nobody', name: '' });
    expect(strange.html).toContain('Give the key a name of 1 to 200 characters. Choose a provider from the list.');
    for (const { html } of [nowhere, inside, strange]) expect(html).not.toContain(SECRET);
    expect(await ownedBy(ada, 'provider_key')).toEqual([]);
  });

  it('a provider key of the account page is personal, regardless of extra form fields', async () => {
    const browser = await signedIn(await invite(stage.gateway.admin, 'owner'));
    const added = await addKey(browser, { scope: 'org', ownerId: ada.id, isPrimary: 'true', secretRef: 'env:PATH' });
    expect(added.url.search).toBe('?done=key-added');
    const [newest] = await stage.sql<Json>('SELECT * FROM provider_key ORDER BY id DESC LIMIT 1');
    expect(newest).toMatchObject({ scope: 'personal', is_primary: false, secret_ref: null });
    expect(newest.owner_id).not.toBe(ada.id);
  });
});

describe('personal virtual keys', () => {
  const create = (browser: PageBrowser, ids: string[], over: Record<string, string> = {}): Promise<PageLocation> =>
    send(browser, /virtual-keys$/, [
      ...Object.entries({ name: 'Scripts', expiresInDays: '', ...over }),
      ...ids.map((id): [string, string] => ['providerKeyIds', id]),
    ]);
  const valueOn = ({ html }: PageLocation): string => /arch_[\w-]{43}[0-9A-Za-z]{6}/.exec(html)![0];

  it('a virtual key is shown once, works, is rotated and is deleted', async () => {
    const grace = await invite(stage.gateway.admin, 'member');
    const browser = await signedIn(grace);
    const created = await create(browser, [stage.providerKeyIds.openai!, stage.providerKeyIds.anthropic!]);
    expect(headingOf(created.html)).toBe('Your new virtual key');
    expect(created.headers.get('cache-control')).toBe('no-store');
    const first = valueOn(created);
    expect(created.html).toContain(`${stage.gateway.url}/v1/openai`);
    expect(await call(first)).toEqual({ status: 200, sent: `Bearer ${storedSecret('openai')}` });

    const page = (await browser.go('/account')).html;
    expect(page).toContain(first.slice(0, 12));
    expect(page).not.toContain(first.slice(0, 20));
    expect(page).toContain('Anthropic, OpenAI');
    expect((await browser.go(created.url)).status).toBe(404);

    const rotated = await send(browser, /virtual-keys\/.*\/rotate$/);
    expect(rotated.headers.get('cache-control')).toBe('no-store');
    const second = valueOn(rotated);
    expect(second).not.toBe(first);
    expect((await call(first)).status).toBe(401);
    expect((await call(second)).status).toBe(200);

    const deleted = await send(browser, /virtual-keys\/.*\/delete$/);
    expect(deleted.url.search).toBe('?done=virtual-key-deleted');
    expect(deleted.html).toContain('You have no virtual keys.');
    expect((await call(second)).status).toBe(401);
    expect(await ownedBy(grace, 'virtual_key')).toEqual([]);
    expect(await audited('virtual_key.delete')).toMatchObject({ actor_id: grace.id });
  });

  it('a virtual key expires after the chosen number of days', async () => {
    const person = await invite(stage.gateway.admin, 'member');
    const browser = await signedIn(person);
    await create(browser, [stage.providerKeyIds.openai!], { expiresInDays: '30' });
    const [row] = await stage.sql<Json>('SELECT expires_at FROM virtual_key WHERE owner_id = $1', [person.id]);
    const days = (new Date(row.expires_at as string).getTime() - stage.gateway.clock.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  it('a virtual key maps only provider keys that the user may use', async () => {
    const person = await invite(stage.gateway.admin, 'member');
    const browser = await signedIn(person);
    const foreign = await stage.gateway.admin.create('/api/llm-provider-api-keys', {
      name: 'The owner’s',
      provider: 'groq',
      apiKey: 'gsk-0123456789',
    });
    expect((await browser.go('/account')).html).not.toContain(foreign.id as string);
    const { openai: mine } = stage.providerKeyIds;
    const refusals: [string[], Record<string, string>, string][] = [
      [[foreign.id as string], {}, 'You may not use a provider key with this id.'],
      [['nonsense'], {}, 'You may not use a provider key with this id.'],
      [[], {}, 'Choose at least one provider key'],
      [[mine!, mine!], {}, 'A key for openai is already mapped.'],
      [[mine!], { expiresInDays: '36500' }, 'Choose an expiry from the list.'],
      [[mine!], { name: '' }, 'Give the key a name of 1 to 200 characters.'],
    ];
    for (const [ids, over, reason] of refusals) {
      const { status, html } = await create(browser, ids, over);
      expect([status, html]).toEqual([400, expect.stringContaining(reason)]);
      expect(html).toContain('<details class="adding" open>');
    }
    expect(await ownedBy(person, 'virtual_key')).toEqual([]);
  });
});

describe('allowed apps', () => {
  it('an allowed app is listed with its scopes and loses its tokens immediately when revoked', async () => {
    const person = await invite(stage.gateway.admin, 'member');
    const browser = await signedIn(person);
    const { clientId, tokens } = await oauth.userTokens({ person });
    const other = await oauth.userTokens({ person: ada });
    expect((await call(tokens.access_token as string)).status).toBe(200);
    const { html } = await browser.go('/account');
    expect(html).toContain('An app');
    expect(html).toContain('notes.example.com');
    expect(html).toContain('Call language models on your behalf');

    const revoked = await send(browser, /apps\/.*\/revoke$/);
    expect(revoked.url.search).toBe('?done=app-revoked');
    expect(revoked.html).toContain('You have not allowed any app.');
    expect((await call(tokens.access_token as string)).status).toBe(401);
    const refreshed = await oauth.refresh(clientId, tokens.refresh_token as string);
    expect([refreshed.status, refreshed.body.error]).toEqual([400, 'invalid_grant']);
    expect(await audited('oauth_consent.revoke')).toMatchObject({ actor_id: person.id, target_id: clientId });
    expect((await call(other.tokens.access_token as string)).status).toBe(200);
  });
});

describe('browser sessions', () => {
  it('ending a session on the account page signs only its browser out', async () => {
    const person = await invite(stage.gateway.admin, 'member');
    const [here, there] = [await signedIn(person), await signedIn(person)];
    const { html } = await here.go('/account');
    expect(html.match(/sessions\/[0-9a-f-]{36}\/end/g)).toHaveLength(2);
    expect(html.match(/This one/g)).toHaveLength(1);
    const rows = await stage.sql<{ id: string }>(
      "SELECT id FROM oauth_artifact WHERE model = 'Session' AND user_id = $1",
      [person.id],
    );
    const current = /This one[\s\S]*?sessions\/([0-9a-f-]{36})\/end/.exec(html)![1]!;
    const remote = rows.find(({ id }) => id !== current)!.id;

    const ended = await send(here, new RegExp(`sessions/${remote}/end$`));
    expect(ended.url.search).toBe('?done=session-ended');
    expect(await effectsOf(stage.gateway, `browser-session:${remote}`)).toContain('revoked');
    expect(await audited('browser_session.end')).toMatchObject({ actor_id: person.id, target_id: remote });
    expect(headingOf((await there.go('/account')).html)).toBe('Sign in');
    expect(headingOf((await here.go('/account')).html)).toBe('Your account');
  });

  it('a sign-out on the account page ends the session, and apps stay connected', async () => {
    const person = await invite(stage.gateway.admin, 'member');
    const browser = await signedIn(person);
    const { clientId, tokens } = await oauth.userTokens({ person, browser });
    const cookies = new Map(browser.cookies);
    const out = await send(browser, /sign-out$/);
    expect(headingOf(out.html)).toBe('You are signed out');
    expect([...browser.cookies.values()].filter(({ name }) => name.startsWith('gatehouse_sid'))).toEqual([]);
    expect((await call(tokens.access_token as string)).status).toBe(200);
    expect((await oauth.refresh(clientId, tokens.refresh_token as string)).status).toBe(200);

    for (const [key, cookie] of cookies) browser.cookies.set(key, cookie);
    expect(headingOf((await browser.go('/account')).html)).toBe('Sign in');
    const api = await fetch(`${stage.gateway.url}/api/me`, {
      headers: { cookie: [...cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    expect(api.status).toBe(401);
  });
});

describe('forged forms', () => {
  const snapshot = () =>
    stage.sql<Json>(
      `SELECT (SELECT count(*)::int FROM provider_key) AS keys, (SELECT count(*)::int FROM virtual_key) AS virtual,
              (SELECT count(*)::int FROM oauth_consent) AS consents, (SELECT count(*)::int FROM audit_entry) AS audited,
              (SELECT count(*)::int FROM oauth_artifact WHERE model = 'Session' AND user_id IS NOT NULL) AS sessions`,
    );

  it('an account form without the page’s Origin and CSRF token gets 403 and changes nothing', async () => {
    const person = await invite(stage.gateway.admin, 'member');
    const [browser, elsewhere] = [await signedIn(person), await signedIn(person)];
    await addKey(browser);
    await oauth.userTokens({ person, browser });
    const csrf = await csrfOf(browser);
    const othersCsrf = await csrfOf(elsewhere);
    const cookie = [...browser.cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
    const { html } = await browser.go('/account');
    const actions = [...html.matchAll(/<form method="post" action="([^"]+)"/g)].map((match) => match[1]!);
    expect(actions.length).toBeGreaterThanOrEqual(8);
    const before = await snapshot();
    const forged: [string | null, string | null][] = [
      ['https://evil.example', csrf],
      ['null', csrf],
      [null, csrf],
      [stage.gateway.url, null],
      [stage.gateway.url, othersCsrf],
      [stage.gateway.url, `${csrf}A`],
    ];
    for (const action of actions) {
      for (const [origin, proof] of forged) {
        const answer = await fetch(new URL(action, stage.gateway.url), {
          method: 'POST',
          redirect: 'manual',
          headers: {
            cookie,
            'content-type': 'application/x-www-form-urlencoded',
            ...(origin === null ? {} : { origin }),
          },
          body: new URLSearchParams({ name: 'x', provider: 'openai', apiKey: SECRET, ...(proof && { csrf: proof }) }),
        });
        expect([action, origin, answer.status]).toEqual([action, origin, 403]);
        expect(answer.headers.get('content-type')).toContain('text/html');
      }
    }
    expect(await snapshot()).toEqual(before);
  });
});

describe('resources of other users', () => {
  it('account forms for resources of another user get 404, for owners too', async () => {
    const victim = await invite(stage.gateway.admin, 'member');
    const theirs = await signedIn(victim);
    await addKey(theirs);
    await send(theirs, /virtual-keys$/, [
      ['name', 'Theirs'],
      ['providerKeyIds', stage.providerKeyIds.openai!],
    ]);
    await oauth.userTokens({ person: victim, browser: theirs });
    const { html } = await theirs.go('/account');
    const actions = [...html.matchAll(/<form method="post" action="(\/account\/[a-z-]+\/[^"]+)"/g)].map(
      (match) => match[1]!,
    );
    expect(actions.map((action) => action.replace(/[0-9a-f-]{36}/, ':id')).sort()).toEqual([
      '/account/apps/:id/revoke',
      '/account/provider-keys/:id/delete',
      '/account/provider-keys/:id/replace',
      '/account/sessions/:id/end',
      '/account/virtual-keys/:id/delete',
      '/account/virtual-keys/:id/rotate',
    ]);
    const organizations = `/account/provider-keys/${stage.providerKeyIds.openai!}/delete`;
    for (const person of [OWNER, ada]) {
      const browser = await signedIn(person);
      const csrf = await csrfOf(browser);
      expect((await browser.go('/account')).html).not.toContain('Theirs');
      for (const action of [...actions, organizations, '/account/sessions/nonsense/end']) {
        const { status } = await browser.go(action, { csrf, apiKey: SECRET });
        expect([action, status]).toEqual([action, 404]);
      }
    }
    expect((await theirs.go('/account')).html).toEqual(expect.stringContaining('Theirs'));
  });
});
