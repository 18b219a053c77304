/** Sign-in through a company's identity provider in a real browser: choosing it, the redirects, and what is visible. */
import type { Browser, Page } from 'playwright-core';
import type { Json } from '../support/http/admin-client.js';
import {
  accessibilityFaults,
  BROWSER_TEST_MS,
  chromiumPath,
  launchChromium,
  newPage,
  overflowOf,
} from '../support/oauth/chromium.js';
import { startGateway, type TestGateway } from '../support/gateway/gateway.js';
import { invite } from '../support/oauth/invited-user.js';
import { RealIdp } from '../support/oauth/real-idp.js';

const SECRET = 'the-secret-of-gatehouse-at-its-provider';
const ADA = 'ada@corp.example';
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

(chromiumPath ? describe : describe.skip)('sign-in through an identity provider in a browser', () => {
  let gateway: TestGateway;
  let idp: RealIdp;
  let corp: Json;
  let browser: Browser;

  beforeAll(async () => {
    gateway = await startGateway();
    const redirect_uris = [`${gateway.url}/auth/idp/corp/callback`];
    idp = await RealIdp.start([{ client_id: 'gatehouse', client_secret: SECRET, redirect_uris }]);
    corp = await gateway.admin.create('/api/identity-providers', {
      ...{ providerId: 'corp', name: 'Corp Login', issuer: idp.issuer, audiences: ['api://gatehouse'] },
      ...{ clientId: 'gatehouse', clientSecret: SECRET },
      ...{ emailLinkPolicy: 'verified_domain', verifiedDomains: ['corp.example'] },
    });
    await invite(gateway.admin, 'member', ADA);
    browser = await launchChromium();
  }, BROWSER_TEST_MS);
  afterAll(async () => {
    await browser?.close();
    await idp?.close();
    await gateway?.close();
  });

  const signInPage = async (page: Page): Promise<void> => {
    await page.goto(`${gateway.url}/account`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  };
  /** On the provider's own pages: signs in, and consents to sharing the identity with Gatehouse. */
  const signInThere = async (page: Page): Promise<void> => {
    await page.locator('input[name=login]').fill(ADA);
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
  };
  const expectAccount = async (page: Page): Promise<void> => {
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(page.url()).toBe(`${gateway.url}/account`);
    expect(await page.getByText(ADA).first().isVisible()).toBe(true);
  };

  it.each([
    ['with JavaScript', {}],
    ['without JavaScript', { javaScriptEnabled: false }],
    ['on a phone', PHONE],
  ])(
    'the provider button leads to the provider and back, %s',
    async (_, look) => {
      const { page, complaints } = await newPage(browser, look);
      await signInPage(page);
      expect(await overflowOf(page)).toBe(0);
      // Console output of the provider's own pages is not checked.
      expect(complaints).toEqual([]);
      await page.getByRole('button', { name: 'Continue with Corp Login' }).click();
      await signInThere(page);
      await expectAccount(page);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it.each([
    ['with JavaScript', {}],
    ['without JavaScript', { javaScriptEnabled: false }],
  ])(
    'an address of the provider’s domain leads to the provider by keyboard, %s',
    async (_, look) => {
      const { page, complaints } = await newPage(browser, look);
      await signInPage(page);
      await page.locator('input[name=email]:focus').waitFor();
      await page.keyboard.type(ADA);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${idp.issuer}/**`);
      expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
      await signInThere(page);
      await expectAccount(page);
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it(
    'an address of another domain stays on the page, which asks for the password',
    async () => {
      const { page } = await newPage(browser);
      await signInPage(page);
      await page.getByLabel('E-mail address').fill('someone@elsewhere.example');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').getByText('Type your password').waitFor();
      expect(await page.getByLabel('E-mail address').inputValue()).toBe('someone@elsewhere.example');
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );

  it.each(['light', 'dark'] as const)(
    'the pages pass the accessibility checks of axe-core in %s colors',
    async (colorScheme) => {
      const { page } = await newPage(browser, { colorScheme });
      await signInPage(page);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByLabel('E-mail address').fill('someone@elsewhere.example');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await gateway.admin.patch(`/api/identity-providers/${corp.id}`, { enforceSignIn: true });
      const invited = await gateway.admin.create('/api/users', { email: `${colorScheme}@corp.example` });
      await page.goto(invited.invitationUrl as string);
      await page.getByRole('heading', { name: 'You need no password here' }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await gateway.admin.patch(`/api/identity-providers/${corp.id}`, { enforceSignIn: false });
      await page.context().close();
    },
    BROWSER_TEST_MS,
  );
});
