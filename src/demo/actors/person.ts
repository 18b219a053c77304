/** An employee: invited by the admin, with a password and a provider key of her own. */
import { randomBytes } from 'node:crypto';
import type { DemoAdmin } from './admin-client.js';
import { PageWalker, type LoadedPage } from './page-walker.js';

export class DemoPerson {
  readonly browser: PageWalker;
  readonly password = randomBytes(12).toString('base64url');

  private constructor(
    private readonly url: string,
    readonly id: string,
    readonly email: string,
  ) {
    this.browser = new PageWalker(url);
  }

  /** Submits the form that the invitation link leads to. */
  static async acceptInvitation(url: string, admin: DemoAdmin, email: string): Promise<DemoPerson> {
    const { id, invitationUrl } = await admin.create<{ id: string; invitationUrl: string }>('/api/users', { email });
    const person = new DemoPerson(url, id, email);
    const { browser, password } = person;
    await browser.submit(await browser.visit(invitationUrl), { password, passwordAgain: password });
    return person;
  }

  /** Signs in and allows what the app requests. Returns the URL that the browser is redirected to. */
  async allow(authorizationUrl: URL): Promise<URL> {
    const { email, password, browser } = this;
    const signIn: LoadedPage = await browser.visit(authorizationUrl);
    const consent = await browser.submit(signIn, { email, password });
    return (await browser.submit(consent, { decision: 'allow' })).url;
  }

  /** Calls the admin API with her browser session, which it accepts like a key. */
  async storeKey(provider: string, name: string, apiKey: string): Promise<string> {
    const body = JSON.stringify({ name, provider, apiKey, scope: 'personal' });
    const response = await this.browser.request(new URL('/api/llm-provider-api-keys', this.url), body);
    if (response.status !== 201) throw new Error(`a personal key was answered ${response.status}`);
    return ((await response.json()) as { id: string }).id;
  }
}
