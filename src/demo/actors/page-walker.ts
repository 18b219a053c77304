/** A minimal browser: HTTP, cookies, and one form per page. */
const MAX_REDIRECTS = 10;

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** The current end of a walk: a page of the gateway, or an address elsewhere, which is not requested. */
export interface LoadedPage {
  url: URL;
  html: string;
}

export class PageWalker {
  /** Headings of the pages so far, oldest first. */
  readonly pages: string[] = [];
  #cookies: Cookie[] = [];

  constructor(private readonly origin: string) {}

  /** Opens an address, or submits a form to it, and follows redirects. */
  async visit(address: string | URL, form?: Readonly<Record<string, string>>): Promise<LoadedPage> {
    let url = new URL(address, this.origin);
    let response = await this.request(url, form && new URLSearchParams(form));
    for (let i = 0; i < MAX_REDIRECTS && response.headers.has('location'); i++) {
      url = new URL(response.headers.get('location')!, url);
      if (url.origin !== this.origin) return { url, html: '' };
      response = await this.request(url);
    }
    const html = await response.text();
    if (response.status !== 200) throw new Error(`${url.pathname} answered ${response.status}: ${html}`);
    this.pages.push(/<h1[^>]*>([^<]*)/.exec(html)?.[1] ?? url.pathname);
    return { url, html };
  }

  /** Fills in and submits the page's first form. */
  submit({ url, html }: LoadedPage, values: Readonly<Record<string, string>>): Promise<LoadedPage> {
    const [form, action] = /<form[^>]*\saction="([^"]*)"[\s\S]*?<\/form>/.exec(html) ?? [];
    if (form === undefined) throw new Error(`no form at ${url.pathname}: ${html}`);
    const hidden: Record<string, string> = {};
    for (const [, name, value] of form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
      hidden[name!] = value!;
    }
    return this.visit(new URL(action!, url), { ...hidden, ...values });
  }

  /**
   * Sends one request with the matching cookies. Like a browser, sends `Origin` with requests that change something.
   */
  async request(url: URL, body?: URLSearchParams | string): Promise<Response> {
    const cookies = this.#cookies.filter(({ path }) => `${url.pathname}/`.startsWith(path.replace(/\/?$/, '/')));
    const response = await fetch(url, {
      redirect: 'manual',
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { origin: this.origin }),
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) this.#storeCookie(line);
    return response;
  }

  #storeCookie(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/';
    this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    if (value !== '') this.#cookies.push({ name: name!, value: value!, path });
  }
}
