/**
 * The table of HTTP surfaces. The paths of a surface share how bodies are read, how errors are sent and what is logged.
 */

/**
 * `unread`: the handler reads the stream itself. `form`: fields of an HTML form. `json`: JSON that passes the checks of
 * the admin API.
 */
export type BodyFormat = 'unread' | 'form' | 'json';

/**
 * `dialect`: the format of the vendor whose API the client speaks. `page`: HTML. `scim`: RFC 7644 §3.12. `problem`:
 * problem details (RFC 9457).
 */
export type ErrorFormat = 'dialect' | 'page' | 'scim' | 'problem';

export interface HttpSurface {
  readonly name: string;
  /** Its paths begin with one of these: whole segments, without a slash at the end. */
  readonly prefixes: readonly string[];
  /** Only targets that equal a prefix belong to the surface. */
  readonly isExact?: true;
  readonly body: BodyFormat;
  readonly errors: ErrorFormat;
  /** `call`: with the record of the call. `request`: one line for a request. */
  readonly log: 'call' | 'request' | 'none';
}

export const LLM_SURFACE: HttpSurface = {
  name: 'llm',
  prefixes: ['/v1'],
  body: 'unread',
  errors: 'dialect',
  log: 'call',
};

/** Machines request these every few seconds. They are served until the process ends. */
export const PROBE_SURFACE: HttpSurface = {
  name: 'probes',
  prefixes: ['/livez', '/readyz', '/metrics'],
  isExact: true,
  body: 'json',
  errors: 'problem',
  log: 'none',
};

/** In the order of comparison: a prefix below another one comes first. */
export const HTTP_SURFACES: readonly HttpSurface[] = [
  LLM_SURFACE,
  PROBE_SURFACE,
  { name: 'scim', prefixes: ['/scim'], body: 'json', errors: 'scim', log: 'request' },
  { name: 'pages', prefixes: ['/auth', '/oauth', '/account'], body: 'form', errors: 'page', log: 'request' },
  {
    name: 'authorization-server',
    prefixes: ['/api/auth', '/device', '/.well-known'],
    body: 'unread',
    errors: 'problem',
    log: 'request',
  },
  { name: 'admin-api', prefixes: ['/api'], body: 'json', errors: 'problem', log: 'request' },
];

/** For targets of no surface, which have no route. */
export const NO_SURFACE: HttpSurface = { name: 'none', prefixes: [], body: 'json', errors: 'problem', log: 'request' };

/** Returns the surface of a request target in normal form (see `normalizeTarget`). */
export function findHttpSurface(target: string): HttpSurface {
  for (const surface of HTTP_SURFACES) {
    for (const prefix of surface.prefixes) {
      if (target.startsWith(prefix) && isEnd(target, prefix.length, surface.isExact)) return surface;
    }
  }
  return NO_SURFACE;
}

function isEnd(target: string, at: number, isExact = false): boolean {
  return at === target.length || (!isExact && (target[at] === '/' || target[at] === '?'));
}
