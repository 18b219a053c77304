/** What goes along with every page, so that nothing on it can run, be framed, or send a form elsewhere. */

// Host names as URLs normalise them. Their parser lets `;`, `,`, `'` and `*` stand in one, which a policy would obey.
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(:\d{1,5})?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:$/;
// Schemes in which a browser itself would run or show what the form sends.
const NEVER = new Set(['javascript:', 'data:', 'blob:', 'file:', 'about:', 'view-source:']);
const SELF = "'self'";

const isFormTarget = (target: string): boolean =>
  ORIGIN.test(target) || (SCHEME.test(target) && !NEVER.has(target)) || target === SELF;

/**
 * What `form-action` must name so that a browser follows the redirect from our form to `redirectUri`: its origin, or
 * the scheme of an app of its own. What cannot be said in a policy adds nothing; the browser then stops at our page.
 */
export function formTargetOf(redirectUri: string): string {
  if (!URL.canParse(redirectUri)) return SELF;
  const { protocol, origin, hostname } = new URL(redirectUri);
  // A policy has no words for an IPv6 address (CSP 3 §2.3.1, host-part); the loopback one of a native app needs some.
  if (protocol === 'http:' && hostname === '[::1]') return protocol;
  const target = protocol === 'https:' || protocol === 'http:' ? origin : protocol;
  return isFormTarget(target) ? target : SELF;
}

/** Headers of a page whose forms may lead, after our answer, to `formTargets` as well. */
export function pageHeaders(formTargets: readonly string[]): Record<string, string> {
  const targets = new Set([SELF, ...formTargets.filter(isFormTarget)]);
  return {
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self' data:",
      `form-action ${[...targets].join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    // Not no-referrer: browsers would post forms with `Origin: null`, and the check of the origin would refuse them.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
  };
}
