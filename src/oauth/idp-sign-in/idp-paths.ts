/** Addresses of the sign-in through an identity provider. */
import { PAGE_ROUTES } from '../oauth-paths.js';

/** Where a provider sends people back to: `provider` is its name in addresses. Registered there, so it never changes. */
export const callbackPath = (provider: string): string => `${PAGE_ROUTES.idp}/${encodeURIComponent(provider)}/callback`;

export const callbackOf = (publicUrl: string, provider: string): string =>
  new URL(callbackPath(provider), publicUrl).href;

/** Below the sign-in page's address, because the browser's proof that the interaction is its own goes no further. */
export const signInPaths = (uid: string) => {
  const page = `${PAGE_ROUTES.signIn}/${uid}`;
  return { page, leave: `${page}/idp`, done: `${page}/idp-done` };
};
