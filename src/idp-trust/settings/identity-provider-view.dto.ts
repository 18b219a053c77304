/** What the admin API shows of a trusted identity provider. */
import { ApiProperty } from '@nestjs/swagger';
import { ClaimMappingView, GroupRole } from './claim-mapping.dto.js';
import type { ClaimValues } from './claim-rules.js';
import { EMAIL_LINK_POLICIES, KINDS, PRESET_IDS } from './profile.js';
import type { IdentityProviderEntity } from './identity-provider.entity.js';
import { SIGNATURE_ALGORITHMS } from '../trusted-issuer/signature-algorithms.js';

/** Endpoints for sign-in, from the discovery document. */
export class SignInEndpointsView {
  /** Authorization endpoint, to which browsers are redirected. */
  authorization: string;
  /** Token endpoint, at which authorization codes are redeemed. */
  token: string;
  /** End-session endpoint, at which people are signed out; null: none. */
  @ApiProperty({ type: String, nullable: true })
  endSession: string | null;
  /** Client authentication methods of the token endpoint; null: not published. */
  @ApiProperty({ type: [String], nullable: true })
  tokenAuthMethods: string[] | null;
  /**
   * Whether authorization responses of the provider must state their issuer (RFC 9207), because its metadata says that
   * they do.
   */
  issParameter: boolean;
}

/** A trusted identity provider, without its client secret. */
export class IdentityProviderView {
  /** Id of the identity provider. */
  id: string;
  /** Name to show. */
  name: string;
  /** Its name in URLs. */
  providerId: string;
  /** Whether its subjects are people or workloads. */
  @ApiProperty({ enum: KINDS })
  kind: string;
  /** The vendor's product. */
  @ApiProperty({ enum: PRESET_IDS })
  preset: string;
  /** The issuer, as written in its tokens. */
  issuer: string;
  /** URL of its public keys. */
  jwksUrl: string;
  /** Endpoints for sign-in; null: discovery published none, or was not queried. */
  @ApiProperty({ type: SignInEndpointsView, nullable: true })
  endpoints: SignInEndpointsView | null;
  /** At least one of these must be in a token's `aud`. */
  audiences: string[];
  /** Further values allowed in a token's `aud`. */
  extraAudiences: string[];
  /** Accepted signature algorithms. */
  @ApiProperty({ enum: SIGNATURE_ALGORITHMS, isArray: true })
  algorithms: string[];
  /** Accepted values of the header `typ`; an empty string: no such header. */
  tokenTypes: string[];
  /** Applications that may have obtained the token; empty: any. */
  authorizedParties: string[];
  /** Whether ID tokens are accepted. */
  acceptIdTokens: boolean;
  /** Maximum age of an accepted token, in seconds after its issue. */
  maxAgeSeconds: number;
  /** Tolerated clock difference, in seconds. */
  leewaySeconds: number;
  /** Claims that a token must have, with their values. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  requiredClaims: ClaimValues;
  /** Locations of user data in a token. */
  claimMapping: ClaimMappingView;
  /** Whether a user can be found by e-mail address when a subject appears for the first time. */
  @ApiProperty({ enum: EMAIL_LINK_POLICIES })
  emailLinkPolicy: string;
  /** Mail domains for which this provider is trusted. */
  verifiedDomains: string[];
  /** Whether people without an invitation become users. */
  createUsers: boolean;
  /** Roles by group of the provider. */
  @ApiProperty({ type: [GroupRole] })
  groupRoles: GroupRole[];
  /**
   * Whether owners too may be found by e-mail address. True if an owner of the organization saved the current settings.
   */
  linksOwners: boolean;
  /** Client id of Gatehouse at the provider; null: no sign-in through it. */
  clientId: string | null;
  /** Whether a client secret is stored. */
  hasClientSecret: boolean;
  /** Whether users of the verified domains must sign in through it. */
  enforceSignIn: boolean;
  /** Whether its tokens are currently refused. */
  isDisabled: boolean;
  /** When it was created. */
  createdAt: Date;
  /** When it was last changed. */
  updatedAt: Date;
}

export function toIdentityProviderView(row: IdentityProviderEntity): IdentityProviderView {
  const { organizationId: _, sealedClientSecret, version: __, ...fields } = row;
  return {
    ...fields,
    endpoints: row.endpoints && {
      ...row.endpoints,
      tokenAuthMethods: row.endpoints.tokenAuthMethods ?? null,
      issParameter: row.endpoints.issParameter ?? false,
    },
    claimMapping: { ...row.claimMapping },
    groupRoles: [...row.groupRoles],
    hasClientSecret: sealedClientSecret !== null,
  };
}
