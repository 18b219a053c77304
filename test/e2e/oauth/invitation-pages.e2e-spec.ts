/** The page of an expired, used or unknown invitation link. */
import { headingOf, PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

const DAY_MS = 86_400_000;
const PASSWORD = 'a password of some length';

describe('invitation links', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  let count = 0;
  const invited = async (): Promise<{ id: string; url: string }> => {
    const user = await gateway.admin.create('/api/users', { email: `invited-${++count}@example.com`, role: 'member' });
    return { id: user.id as string, url: user.invitationUrl as string };
  };
  const open = (url: string): Promise<PageLocation> => new PageBrowser(gateway.url).go(url);
  const expectOver = ({ status, html }: PageLocation, heading: string): void =>
    expect([status, headingOf(html)]).toEqual([404, heading]);

  it('a used invitation link shows that it was used and links to the sign-in', async () => {
    const { url } = await invited();
    const browser = new PageBrowser(gateway.url);
    const form = await browser.go(url);
    expect((await browser.submit(form, { password: PASSWORD })).status).toBe(200);
    const again = await browser.submit(form, { password: `${PASSWORD} of another` });
    for (const place of [again, await open(url)]) {
      expectOver(place, 'This link has already been used');
      expect(place.html).toMatch(/<a class="button primary" href="\/account">/);
      expect(place.html).toContain('An administrator of your organization can send you a new one.');
    }
  });

  it('an expired invitation link shows that it has expired', async () => {
    const { url } = await invited();
    gateway.clock.advance(60 * DAY_MS);
    try {
      expectOver(await open(url), 'This link has expired');
    } finally {
      gateway.clock.advance(-60 * DAY_MS);
    }
  });

  it('a replaced, damaged or invented invitation link is not valid', async () => {
    const { id, url } = await invited();
    const replaced = await gateway.admin.post(`/api/users/${id}/invite`, {});
    expect(replaced.status).toBe(200);
    for (const link of [url, `${url}x`, '/auth/set-password', '/auth/set-password?token=none'])
      expectOver(await open(link), 'This link is not valid');
    expect(headingOf((await open(replaced.body.invitationUrl as string)).html)).toBe('Choose a password');
  });

  it('the invitation link of a disabled user is not valid', async () => {
    const { id, url } = await invited();
    const browser = new PageBrowser(gateway.url);
    await browser.submit(await browser.go(url), { password: PASSWORD });
    await gateway.admin.post(`/api/users/${id}/disable`, {});
    expectOver(await open(url), 'This link is not valid');
  });
});
