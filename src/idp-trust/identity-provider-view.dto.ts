/** What the admin API shows of a trusted identity provider. */
import { ApiProperty } from '@nestjs/swagger';
import { ClaimMappingView, GroupRole } from './claim-mapping.dto.js';
import type { ClaimValues } from './claim-rules.js';
import { EMAIL_LINK_POLICIES, KINDS, PRESET_IDS } from './identity-provider-profile.js';
import type { IdentityProviderEntity } from './identity-provider.entity.js';
import { SIGNATURE_ALGORITHMS } from './signature-algorithms.js';

/** The addresses that sign-in goes to, as discovery gave them. */
export class SignInEndpointsView {
  /** Where people are sent. */
  authorization: string;
  /** Where codes are redeemed. */
  token: string;
  /** Where people are signed out; null: nowhere. */
  @ApiProperty({ type: String, nullable: true })
  endSession: string | null;
  /** How clients may prove themselves where codes are redeemed; null: the provider did not say. */
  @ApiProperty({ type: [String], nullable: true })
  tokenAuthMethods: string[] | null;
  /** Whether authorization responses of the provider must state their issuer (RFC 9207), because it publishes that they do. */
  issParameter: boolean;
}

/** A trusted identity provider, without its client secret. */
export class IdentityProviderView {
  /** Id of the identity provider. */
  id: string;
  /** Name to show. */
  name: string;
  /** Its name in addresses. */
  providerId: string;
  /** Whether its subjects are people or workloads. */
  @ApiProperty({ enum: KINDS })
  kind: string;
  /** Which product it is. */
  @ApiProperty({ enum: PRESET_IDS })
  preset: string;
  /** The issuer, as the tokens have it. */
  issuer: string;
  /** Where its public keys are. */
  jwksUrl: string;
  /** Where people sign in; null: discovery did not say, or was not asked. */
  @ApiProperty({ type: SignInEndpointsView, nullable: true })
  endpoints: SignInEndpointsView | null;
  /** At least one of them must be in a token. */
  audiences: string[];
  /** What may be in a token's `aud` besides. */
  extraAudiences: string[];
  /** Signature algorithms that are accepted. */
  @ApiProperty({ enum: SIGNATURE_ALGORITHMS, isArray: true })
  algorithms: string[];
  /** Values of the header `typ` that are accepted; an empty text: no such header. */
  tokenTypes: string[];
  /** Applications that may have fetched the token; empty: any. */
  authorizedParties: string[];
  /** Whether ID tokens are accepted. */
  acceptIdTokens: boolean;
  /** Seconds after its issue for which a token is accepted at most. */
  maxAgeSeconds: number;
  /** Seconds by which its clock may be off. */
  leewaySeconds: number;
  /** Claims that a token must have, with the value of each. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  requiredClaims: ClaimValues;
  /** Where in a token the facts about a user stand. */
  claimMapping: ClaimMappingView;
  /** Whether a user can be found by e-mail address when a subject comes for the first time. */
  @ApiProperty({ enum: EMAIL_LINK_POLICIES })
  emailLinkPolicy: string;
  /** Mail domains for which this provider is trusted. */
  verifiedDomains: string[];
  /** Whether people whom nobody invited become users. */
  createUsers: boolean;
  /** Roles by group of the provider. */
  @ApiProperty({ type: [GroupRole] })
  groupRoles: GroupRole[];
  /** Whether an owner may be found by e-mail address too: if an owner of the organisation has saved this as it stands. */
  linksOwners: boolean;
  /** What Gatehouse is called at the provider; null: nobody signs in through it. */
  clientId: string | null;
  /** Whether a client secret is stored. */
  hasClientSecret: boolean;
  /** Whether users of the verified domains must sign in through it. */
  enforceSignIn: boolean;
  /** Whether its tokens are refused for now. */
  isDisabled: boolean;
  /** When it was made. */
  createdAt: Date;
  /** When it was last changed. */
  updatedAt: Date;
}

export function toIdentityProviderView(row: IdentityProviderEntity): IdentityProviderView {
  const { organisationId: _, sealedClientSecret, version: __, ...shown } = row;
  return {
    ...shown,
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
