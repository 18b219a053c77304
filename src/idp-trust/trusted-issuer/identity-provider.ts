/** A trusted identity provider as validation, linking and sign-in use it. Frozen; shared between requests. */
import type { IdentityProviderId, OrgId } from '../../platform/ids.js';

/** `people`: subjects are users. `workload`: subjects are CI jobs or pods, bound to applications. */
export type IdentityProviderKind = 'people' | 'workload';

/** Location of a value in a token: a claim name, or a path of names (`['realm_access', 'roles']`). */
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
  readonly organizationId: OrgId;
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
    /**
     * Client authentication methods of the token endpoint; null or absent: not published, or discovery was not queried.
     */
    tokenAuthMethods?: string[] | null;
    /**
     * Whether the provider states its issuer in authorization responses (RFC 9207 §3); absent: discovery was not
     * queried.
     */
    issParameter?: boolean;
  } | null;
  /** At least one must be in the token. */
  readonly audiences: readonly string[];
  /** Further audiences that the token may have; any other refuses it. */
  readonly extraAudiences: readonly string[];
  /** JWS algorithms, asymmetric ones only. */
  readonly algorithms: readonly string[];
  /** Accepted values of the header `typ`, lower case; `''`: none. */
  readonly tokenTypes: readonly string[];
  /** Empty: any. */
  readonly authorizedParties: readonly string[];
  readonly acceptIdTokens: boolean;
  readonly maxAgeSeconds: number;
  readonly leewaySeconds: number;
  /** Claim → value that it must have (a list must contain it). */
  readonly requiredClaims: Readonly<Record<string, string | boolean | number>>;
  readonly claimMapping: ClaimMapping;
  readonly emailLinkPolicy: 'off' | 'verified_domain';
  /** Lower case. */
  readonly verifiedDomains: readonly string[];
  readonly createUsers: boolean;
  readonly groupRoles: readonly { group: string; role: 'admin' | 'editor' | 'member' }[];
  /** Client id of Gatehouse at the provider, for sign-in; null: no sign-in through it. */
  readonly clientId: string | null;
  readonly enforceSignIn: boolean;
  readonly isDisabled: boolean;
  /** Changes with every change of the record. */
  readonly version: string;
}
