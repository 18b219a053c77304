/** A headless browser: keeps cookies by path, follows redirects one by one, and fills in forms. */
const MOST_REDIRECTS = 15;

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** The end of a walk through pages: a page, or an address outside the gateway. */
export interface PageLocation {
  /** The address, not requested if it is outside the gateway. */
  url: URL;
  /** 0 for an address outside the gateway, which is not requested. */
  status: number;
  headers: Headers;
  html: string;
}

export interface PageForm {
  action: string;
  /** Hidden fields by name. */
  hidden: Record<string, string>;
  html: string;
}

export class PageBrowser {
  readonly cookies = new Map<string, Cookie>();

  /** `dialled`: the real address of its requests, as behind a proxy that terminates TLS. */
  constructor(
    readonly origin: string,
    private readonly dialled = origin,
  ) {}

  /** Sends one request without following redirects. Sends `Origin` with a form, as browsers do. */
  async request(address: string | URL, form?: Record<string, string> | [string, string][]): Promise<Response> {
    const url = new URL(address, this.origin);
    const cookies = [...this.cookies.values()]
      .filter(({ path }) => url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`);
    const response = await fetch(new URL(url.pathname + url.search, this.dialled), {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      headers: {
        accept: 'text/html',
        ...(cookies.length > 0 ? { cookie: cookies.join('; ') } : {}),
        ...(form ? { origin: this.origin, 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** Opens an address, or submits a form to it, and follows redirects to a page or an address outside the gateway. */
  async go(address: string | URL, form?: Record<string, string> | [string, string][]): Promise<PageLocation> {
    let url = new URL(address, this.origin);
    let response = await this.request(url, form);
    for (let i = 0; i < MOST_REDIRECTS; i++) {
      const location = response.headers.get('location');
      if (location === null) {
        return { url, status: response.status, headers: response.headers, html: await response.text() };
      }
      url = new URL(location, url);
      if (url.origin !== this.origin) return { url, status: 0, headers: response.headers, html: '' };
      response = await this.request(url);
    }
    throw new Error(`redirected without end, last to ${url.href}`);
  }

  /** Submits the page's main form with typed values and its hidden fields. */
  submit(place: PageLocation, typed: Record<string, string>): Promise<PageLocation> {
    const { action, hidden } = formOf(place.html);
    return this.go(new URL(action, place.url), { ...hidden, ...typed });
  }

  /** RFC 6265 §5.3, as far as this server uses it. */
  #keep(line: string): void {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const equals = pair!.indexOf('=');
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
    const cookie = { name: pair!.slice(0, equals), value: pair!.slice(equals + 1), path };
    const key = `${cookie.name} ${path}`;
    const isOver = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=Thu, 01 Jan 1970/i.test(each));
    if (isOver) this.cookies.delete(key);
    else this.cookies.set(key, cookie);
  }
}

/** Returns the first form of a page, or the one whose action matches. */
export function formOf(html: string, action = /./): PageForm {
  for (const [whole, address] of html.matchAll(/<form[^>]*\saction="([^"]*)"[^>]*>[\s\S]*?<\/form>/g)) {
    if (!action.test(address!)) continue;
    const hidden: Record<string, string> = {};
    for (const [input] of whole.matchAll(/<input[^>]*>/g)) {
      if (attribute(input, 'type') === 'hidden') hidden[attribute(input, 'name')!] = attribute(input, 'value') ?? '';
    }
    return { action: decoded(address!), hidden, html: whole };
  }
  throw new Error(`there is no such form on the page: ${html.slice(0, 2000)}`);
}

/** Returns the page's heading. */
export const headingOf = (html: string): string => decoded(/<h1[^>]*>([^<]*)/.exec(html)?.[1] ?? '');

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : decoded(value);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decoded = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);
