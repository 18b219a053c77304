/** A trusted identity provider as validation, linking and sign-in read it. Frozen; shared between requests. */
import type { IdentityProviderId, OrgId } from '../platform/ids.js';

/** `people`: subjects are users. `workload`: subjects are CI jobs or pods, bound to applications. */
export type IdentityProviderKind = 'people' | 'workload';

/** Where in a token the facts about a user stand: the name of a claim, or a path of names (`['realm_access', 'roles']`). */
export type ClaimPath = string | readonly string[];

export interface ClaimMapping {
  /** Default `sub`. Entra: `oid`. */
  readonly subject: ClaimPath;
  readonly email: ClaimPath;
  readonly emailVerified: ClaimPath;
  readonly name: ClaimPath;
  readonly groups: ClaimPath;
}

export interface IdentityProvider {
  readonly id: IdentityProviderId;
  readonly organisationId: OrgId;
  readonly providerId: string;
  readonly name: string;
  readonly kind: IdentityProviderKind;
  readonly preset: string;
  /** Compared byte for byte. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly endpoints: {
    authorization: string;
    token: string;
    endSession: string | null;
    /** How clients may prove themselves at the token endpoint; null, absent: the provider did not say, or was not asked. */
    tokenAuthMethods?: string[] | null;
    /** Whether the provider states its issuer in authorization responses (RFC 9207 §3); absent: it was not asked. */
    issParameter?: boolean;
  } | null;
  /** At least one must be in the token. */
  readonly audiences: readonly string[];
  /** May be in the token besides; anything else refuses it. */
  readonly extraAudiences: readonly string[];
  /** JWS algorithms, asymmetric ones alone. */
  readonly algorithms: readonly string[];
  /** Header `typ` values that are accepted, lower case; `''`: none. */
  readonly tokenTypes: readonly string[];
  /** Empty: any. */
  readonly authorizedParties: readonly string[];
  readonly acceptIdTokens: boolean;
  readonly maxAgeSeconds: number;
  readonly leewaySeconds: number;
  /** Claim → value that it must have (for lists: must contain). */
  readonly requiredClaims: Readonly<Record<string, string | boolean | number>>;
  readonly claimMapping: ClaimMapping;
  readonly emailLinkPolicy: 'off' | 'verified_domain';
  /** Lower case. */
  readonly verifiedDomains: readonly string[];
  readonly createUsers: boolean;
  readonly groupRoles: readonly { group: string; role: 'admin' | 'editor' | 'member' }[];
  /** Of Gatehouse at the provider, for sign-in; null: no sign-in through it. */
  readonly clientId: string | null;
  readonly enforceSignIn: boolean;
  readonly isDisabled: boolean;
  /** Changes with every change of the record. */
  readonly version: string;
}
