/** Headers of every page, so that nothing on it can run, be framed, or send a form elsewhere. */

// Hosts that a policy can express (CSP 3 §2.3.1, host-part): no IPv6 address, no `_`. A host in a URL may even contain
// `;`, `,`, `'` and `*`, which a policy would interpret.
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:$/;
// Schemes that a browser would execute or render itself.
const FORBIDDEN_SCHEMES = new Set(['javascript:', 'data:', 'blob:', 'file:', 'about:', 'view-source:']);
const SELF = "'self'";

const isFormTarget = (target: string): boolean =>
  ORIGIN.test(target) || (SCHEME.test(target) && !FORBIDDEN_SCHEMES.has(target)) || target === SELF;

/**
 * Returns what `form-action` must name so that a browser follows the redirect from a page's form to `redirectUri`: its
 * origin, or its scheme if that is private or the host cannot be expressed. An invalid target adds nothing; the browser
 * then stops at the page.
 */
export function toFormTarget(redirectUri: string): string {
  if (!URL.canParse(redirectUri)) return SELF;
  const { protocol, origin } = new URL(redirectUri);
  return [origin, protocol].find(isFormTarget) ?? SELF;
}

/** Whether a link may lead to `address`: it is absolute, and no browser executes or renders it locally. */
export const isExternalAddress = (address: string): boolean => toFormTarget(address) !== SELF;

/**
 * Returns the headers of a page whose forms may also lead, after the response, to `formTargets`. `scriptHash` names the
 * only script that may run; without it none does. Sets no Cross-Origin-Opener-Policy: an app that opens the sign-in in
 * a separate window (as the Swagger page does) would lose its reference to it.
 */
export function buildPageHeaders(formTargets: readonly string[], scriptHash?: string): Record<string, string> {
  const targets = new Set([SELF, ...formTargets.filter(isFormTarget)]);
  return {
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      ...(scriptHash === undefined ? [] : [`script-src ${scriptHash}`]),
      "img-src 'self' data:",
      `form-action ${[...targets].join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    // Not no-referrer: browsers would then post forms with `Origin: null`, and the origin check would refuse them.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
  };
}
