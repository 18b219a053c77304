import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { ClaimMapping, IdentityProvider, IdentityProviderKind } from '../trusted-issuer/identity-provider.js';
import type { JsonObject } from '../trusted-issuer/token-json.js';
import type { TokenRefusal } from '../trusted-issuer/token-refusal.js';

/** A field of an identity provider, with advice for the admin who fills it in. */
export interface Advice {
  readonly field: string;
  readonly text: string;
}

/** Peculiarities of one vendor: defaults of a record, common mistakes, and tokens not intended for Gatehouse. */
export interface IdentityPreset {
  readonly id: string;
  readonly name: string;
  readonly kind: IdentityProviderKind;
  readonly algorithms: readonly string[];
  /** See IdentityProvider.tokenTypes. */
  readonly tokenTypes: readonly string[];
  readonly acceptIdTokens: boolean;
  readonly claimMapping: ClaimMapping;
  /** Strings that count as `true` in the claim that says whether an address is verified. Most vendors have none. */
  readonly emailVerifiedWords: readonly string[];
  readonly advice: readonly Advice[];

  /** Whether an issuer resembles this vendor's. */
  recognizes(issuer: string): boolean;
  /** Audiences that its tokens for Gatehouse name additionally. */
  listExtraAudiences(issuer: string): readonly string[];
  /** Returns the faults of an issuer and audiences to be saved. */
  findFaults(issuer: string, audiences: readonly string[]): FieldError[];

  findHeaderRefusal?(header: JsonObject): TokenRefusal | null;
  findClaimsRefusal?(claims: JsonObject, provider: Pick<IdentityProvider, 'kind' | 'issuer'>): TokenRefusal | null;
  /** Recognizes ID tokens of this vendor that bear none of the usual marks. */
  isIdToken?(claims: JsonObject, provider: Pick<IdentityProvider, 'kind'>): boolean;
}

/** Claims as defined by OpenID Connect Core §5.1. */
export const STANDARD_CLAIMS: ClaimMapping = {
  subject: 'sub',
  email: 'email',
  emailVerified: 'email_verified',
  name: 'name',
  groups: 'groups',
};

/** No `typ`, the general one, and the one of RFC 9068 access tokens. */
export const STANDARD_TYPES: readonly string[] = ['', 'jwt', 'at+jwt'];

export const createIssuerFault = (detail: string): FieldError => ({ pointer: '/issuer', detail });
export const createAudienceFault = (index: number, detail: string): FieldError => ({
  pointer: `/audiences/${index}`,
  detail,
});

/** Parses an issuer; returns null if it is not a URL. */
export const parseIssuer = (issuer: string): URL | null => (URL.canParse(issuer) ? new URL(issuer) : null);
