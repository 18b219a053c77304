/** What goes along with every page, so that nothing on it can run, be framed, or send a form elsewhere. */

// The hosts that a policy has words for (CSP 3 §2.3.1, host-part): no IPv6 address, no `_`. A URL's may even hold `;`,
// `,`, `'` and `*`, which a policy would obey.
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:$/;
// Schemes in which a browser itself would run or show what comes.
const NEVER = new Set(['javascript:', 'data:', 'blob:', 'file:', 'about:', 'view-source:']);
const SELF = "'self'";

const isFormTarget = (target: string): boolean =>
  ORIGIN.test(target) || (SCHEME.test(target) && !NEVER.has(target)) || target === SELF;

/**
 * What `form-action` must name so that a browser follows the redirect from our form to `redirectUri`: its origin, or
 * its scheme where that is an app's own or the host cannot be named. What is no place to go to adds nothing; the
 * browser then stops at our page.
 */
export function formTargetOf(redirectUri: string): string {
  if (!URL.canParse(redirectUri)) return SELF;
  const { protocol, origin } = new URL(redirectUri);
  return [origin, protocol].find(isFormTarget) ?? SELF;
}

/** Whether a link may lead to `address`: it is absolute, and no browser runs or shows its contents here. */
export const leadsElsewhere = (address: string): boolean => formTargetOf(address) !== SELF;

/**
 * Headers of a page whose forms may lead, after our response, to `formTargets` as well. `scriptHash` names the one script
 * that may run; without it none does. No Cross-Origin-Opener-Policy: an
 * app that has people sign in in a window of its own (as the Swagger page does) would lose sight of it.
 */
export function pageHeaders(formTargets: readonly string[], scriptHash?: string): Record<string, string> {
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
    // Not no-referrer: browsers would post forms with `Origin: null`, and the check of the origin would refuse them.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
  };
}
