/** Result of a sign-in through an identity provider, passed from the callback to the sign-in page. */
import type { IdentityProviderId, OrgId, UserId } from '../../platform/ids.js';
import { LIFETIMES } from '../tokens/lifetimes.js';
import type { ExpectedResponse } from './client.js';
import type { StateKind } from '../sessions/encrypted-state.store.js';

/** State of a person who is at a provider. Stored under `state`. */
export interface PendingSignIn extends ExpectedResponse {
  uid: string;
  identityProviderId: IdentityProviderId;
  isRemembered: boolean;
  /** Digest of the secret that the browser holds. */
  browserDigest: string;
}

/** Why the sign-in failed. `refused` covers unknown and disabled users and unacceptable tokens alike. */
export type SignInFailure = 'denied' | 'unreachable' | 'failed' | 'refused';

export type SignInOutcome =
  | {
      kind: 'arrived';
      userId: UserId;
      organizationId: OrgId;
      isRemembered: boolean;
      through: IdpSessionLink;
    }
  | { kind: 'failed'; why: SignInFailure; providerName: string };

/** Links a session here to the one at the provider. */
export interface IdpSessionLink {
  identityProviderId: IdentityProviderId;
  /** The claims `sub` and `sid`. */
  subject: string;
  providerSession: string | null;
}

export const PENDING_SIGN_IN: StateKind<PendingSignIn> = {
  name: 'pending idp sign-in',
  ttlMs: LIFETIMES.interaction * 1000,
};

/** The browser fetches it immediately. Stored under the interaction's uid, which only its browser can present. */
export const SIGN_IN_OUTCOME: StateKind<SignInOutcome> = { name: 'idp sign-in outcome', ttlMs: 60_000 };

const SENTENCES: Record<SignInFailure, (name: string) => string> = {
  denied: (name) =>
    `${name} did not sign you in: you stopped there, or it does not let you in here. Nothing has changed.`,
  unreachable: (name) => `${name} cannot be reached right now. Try again in a moment.`,
  failed: (name) =>
    `The sign-in through ${name} did not work. Try again. If it fails again, contact your administrator.`,
  refused: (name) =>
    `${name} has signed you in, but that account has no access here. Ask an administrator of your organization.`,
};

const STATUSES: Record<SignInFailure, number> = { denied: 400, unreachable: 503, failed: 400, refused: 403 };

export const describeSignInFailure = ({ why, providerName }: { why: SignInFailure; providerName: string }): string =>
  SENTENCES[why](providerName);

export const getSignInFailureStatus = (failure: SignInFailure): number => STATUSES[failure];
