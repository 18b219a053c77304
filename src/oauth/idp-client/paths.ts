/** URLs of the sign-in through an identity provider. */
import { PAGE_ROUTES } from '../protocol/paths.js';

/**
 * The path that a provider redirects people to. `provider` is its name in URLs. It is registered at the provider, so it
 * never changes.
 */
export const buildCallbackPath = (provider: string): string =>
  `${PAGE_ROUTES.idp}/${encodeURIComponent(provider)}/callback`;

export const buildCallbackUrl = (publicUrl: string, provider: string): string =>
  new URL(buildCallbackPath(provider), publicUrl).href;

/**
 * Below the sign-in page's path, because the cookie that proves ownership of the interaction is limited to that path.
 */
export const buildSignInPaths = (uid: string) => {
  const page = `${PAGE_ROUTES.signIn}/${uid}`;
  return { page, leave: `${page}/idp`, done: `${page}/idp-done` };
};
