/** The pages in a real browser: sign-in, consent, device, account, and Swagger's Authorize button. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import {
  accessibilityFaults,
  BROWSER_TEST_MS,
  chromiumPath,
  launchChromium,
  newPage,
  overflowOf,
} from '../support/oauth/chromium.js';
import { newPkce, OAuthDriver, OWNER, PUBLIC_APP } from '../support/oauth/oauth-driver.js';
import { familyOf, startStage, type Stage } from '../support/gateway/stage.js';

const openai = familyOf('openai');
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const VIEWS = [
  ['in light colors', { colorScheme: 'light' }],
  ['in dark colors', { colorScheme: 'dark' }],
  ['on a phone', PHONE],
  ['without JavaScript', { javaScriptEnabled: false }],
] as const;

(chromiumPath ? describe : describe.skip)('pages in a browser', () => {
  let stage: Stage;
  let oauth: OAuthDriver;
  let browser: Browser;
  let app: Server;
  let redirectUri: string;
  let clientId: string;

  beforeAll(async () => {
    stage = await startStage();
    oauth = new OAuthDriver(stage.gateway.url);
    browser = await launchChromium();
    app = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>The app</h1>'));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    redirectUri = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
    clientId = (await oauth.register({ client_name: 'Notes', redirect_uris: [redirectUri] })).body.client_id as string;
  }, BROWSER_TEST_MS);
  afterAll(async () => {
    await browser?.close();
    app?.close();
    await stage?.close();
  });

  const start = (over: Record<string, string> = {}): string =>
    oauth.authorizeUrl(clientId, newPkce(), { redirect_uri: redirectUri, ...over }).href;

  const signIn = async (page: Page): Promise<void> => {
    await page.getByLabel('E-mail address').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  const signedInTo = async (page: Page, path: string): Promise<void> => {
    await page.goto(stage.gateway.url + path);
    await signIn(page);
  };

  describe.each(VIEWS)('pages %s', (_, look) => {
    it(
      'a user signs in and allows an app, which gets a code',
      async () => {
        const { page, complaints } = await newPage(browser, look);
        await page.goto(start({ prompt: 'consent' }));
        expect(await page.title()).toBe('Sign in · Gatehouse');
        expect(await overflowOf(page)).toBe(0);
        await signIn(page);
        await page.getByRole('heading', { name: 'Allow this app?' }).waitFor();
        expect(await page.getByText('Notes').isVisible()).toBe(true);
        expect(await overflowOf(page)).toBe(0);
        await page.getByRole('button', { name: 'Allow' }).click();
        await page.waitForURL(`${redirectUri}?**`);
        expect(new URL(page.url()).searchParams.get('code')).toBeTruthy();
        expect(complaints).toEqual([]);
        await page.context().close();
      },
      BROWSER_TEST_MS,
    );

    it(
      'the account page fits the window without overflow',
      async () => {
        const { page, complaints } = await newPage(browser, look);
        await signedInTo(page, '/account');
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect(page.url()).toBe(`${stage.gateway.url}/account`);
        expect(await overflowOf(page)).toBe(0);
        expect(complaints).toEqual([]);
        await page.context().close();
      },
      BROWSER_TEST_MS,
    );
  });

  it(
    'every page passes the accessibility checks of axe-core',
    async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page } = await newPage(browser, { colorScheme });
        const check = async (): Promise<void> =>
          expect([page.url(), colorScheme, await accessibilityFaults(page)]).toEqual([page.url(), colorScheme, []]);
        await page.goto(start({ prompt: 'consent' }));
        await check();
        await page.getByLabel('E-mail address').fill(OWNER.email);
        await page.getByLabel('Password').fill('wrong');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('alert').waitFor();
        await check();
        await signIn(page);
        await page.getByRole('heading', { name: 'Allow this app?' }).waitFor();
        await check();
        for (const path of ['/account', '/device', '/oauth/consent/none', '/auth/set-password?token=none']) {
          await page.goto(stage.gateway.url + path);
          await check();
        }
        const imitator = (await oauth.register({ client_name: 'Gateh0use', redirect_uris: [redirectUri] })).body;
        for (const prompt of ['none', 'consent']) {
          await page.goto(start({ client_id: imitator.client_id as string, prompt }));
          await check();
        }
        await page.goto(`${stage.gateway.url}/api/auth/oauth2/end-session`);
        await check();
        await page.context().close();
      }
    },
    BROWSER_TEST_MS,
  );

  it(
    'sign-in and consent work with the keyboard alone',
    async () => {
      const { page } = await newPage(browser);
      await page.goto(start({ prompt: 'consent' }));
      // The first field is focused shortly after the page has loaded: anything typed before that is lost.
      await page.locator('input[name=email]:focus').waitFor();
      await page.keyboard.type(OWNER.email);
      await page.keyboard.press('Tab');
      await page.keyboard.type(OWNER.password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Allow this app?' }).waitFor();
      const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
      for (let i = 0; i < 10 && (await focused()) !== 'Allow'; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe('Allow');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${redirectUri}?**`);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it(
    'denying a self-registered app shows where it would continue',
    async () => {
      const fresh = (await oauth.register({ client_name: 'Fresh', redirect_uris: [redirectUri] })).body
        .client_id as string;
      const { page, complaints } = await newPage(browser);
      await page.goto(start({ client_id: fresh, prompt: 'consent' }));
      await signIn(page);
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByRole('heading', { name: 'You did not allow the app' }).waitFor();
      const { host } = new URL(redirectUri);
      expect(await page.getByText(host, { exact: true }).first().isVisible()).toBe(true);
      await page.getByRole('link', { name: `Continue to ${host}` }).click();
      await page.waitForURL(`${redirectUri}?**`);
      expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
      // The browser's console also reports the page's own status (400).
      expect(complaints.filter((line) => !/status of 400/.test(line))).toEqual([]);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it(
    'denying an app of the organization redirects back with access_denied',
    async () => {
      const { clientId: known } = await stage.gateway.admin.create('/api/llm-oauth-clients', {
        ...PUBLIC_APP,
        redirectUris: [redirectUri],
      });
      const { page } = await newPage(browser);
      await page.goto(start({ client_id: known as string, prompt: 'consent' }));
      await signIn(page);
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.waitForURL(`${redirectUri}?**`);
      expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it.each([true, false])(
    'a form_post response reaches the app (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const { page, complaints } = await newPage(browser, { javaScriptEnabled });
      await page.goto(start({ prompt: 'consent', response_mode: 'form_post' }));
      await signIn(page);
      const arrives = page.waitForRequest((request) => request.method() === 'POST' && request.url() === redirectUri);
      await page.getByRole('button', { name: 'Allow' }).click();
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      expect(new URLSearchParams((await arrives).postData()!).get('code')).toBeTruthy();
      await page.getByRole('heading', { name: 'The app' }).waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it(
    'the button "Use another account" asks for a sign-in and continues to the app',
    async () => {
      const { page } = await newPage(browser);
      await page.goto(start({ prompt: 'consent' }));
      await signIn(page);
      await page.getByRole('button', { name: 'Use another account' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await signIn(page);
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(`${redirectUri}?code=**`);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it(
    'a device is connected by its user code',
    async () => {
      const grant = 'urn:ietf:params:oauth:grant-type:device_code';
      const device = (
        await oauth.register({ client_name: 'Terminal', grant_types: [grant], redirect_uris: [], response_types: [] })
      ).body.client_id as string;
      const begun = (await oauth.post('device', { client_id: device })).body;
      const { page, complaints } = await newPage(browser, { javaScriptEnabled: false });
      await page.goto(begun.verification_uri_complete as string);
      expect(await page.getByLabel('Code').inputValue()).toBe(begun.user_code);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText(begun.user_code as string).waitFor();
      await page.getByRole('button', { name: 'Yes, continue' }).click();
      await signIn(page);
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.getByRole('heading', { name: 'Your device is connected' }).waitFor();
      expect(complaints).toEqual([]);
      const tokens = await oauth.token({
        grant_type: grant,
        client_id: device,
        device_code: begun.device_code as string,
      });
      expect(tokens.status).toBe(200);
      const answer = await stage.chat(openai, [['authorization', `Bearer ${tokens.body.access_token as string}`]]);
      expect(answer.status).toBe(200);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it(
    'Swagger’s Authorize button signs an admin in and authorizes calls',
    async () => {
      const { page, complaints } = await newPage(browser);
      await page.goto(`${stage.gateway.url}/api/docs`);
      await page.getByRole('button', { name: 'Authorize' }).first().click();
      const dialog = page.locator('.dialog-ux');
      const oauthPart = dialog.locator('.auth-container', { hasText: 'oauth' });
      for (const box of await oauthPart.getByRole('checkbox').all())
        if (!(await box.isChecked())) await box.check({ force: true });
      const popupOpens = page.waitForEvent('popup');
      await oauthPart
        .getByRole('button', { name: 'Authorize', exact: true })
        .or(oauthPart.locator('button.authorize'))
        .first()
        .click();
      const popup = await popupOpens;
      await signIn(popup);
      await popup.getByRole('heading', { name: 'Allow this app?' }).waitFor();
      const closes = popup.waitForEvent('close');
      await popup.getByRole('button', { name: 'Allow' }).click();
      await closes;
      await oauthPart.getByText('Logout').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      await page.locator('#operations-Me-getMe').getByRole('button').first().click();
      await page.locator('#operations-Me-getMe').getByRole('button', { name: 'Try it out' }).click();
      const asked = page.waitForRequest(`${stage.gateway.url}/api/me`);
      await page.locator('#operations-Me-getMe').getByRole('button', { name: 'Execute' }).click();
      expect((await asked).headers().authorization).toMatch(/^Bearer llm_ut_/);
      const answer = await (await asked).response();
      expect(answer!.status()).toBe(200);
      expect(await answer!.json()).toMatchObject({ user: { email: OWNER.email }, role: 'owner' });
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );
});
