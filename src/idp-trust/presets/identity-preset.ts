import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { ClaimMapping, IdentityProvider, IdentityProviderKind } from '../identity-provider.js';
import type { JsonObject } from '../token-json.js';
import type { TokenRefusal } from '../token-refusal.js';

/** A field of an identity provider, and what an admin should know before filling it in. */
export interface Advice {
  readonly field: string;
  readonly text: string;
}

/** What is peculiar to one vendor: the defaults of a record, the mistakes it invites, and the tokens that are not for us. */
export interface IdentityPreset {
  readonly id: string;
  readonly name: string;
  readonly kind: IdentityProviderKind;
  readonly algorithms: readonly string[];
  /** See IdentityProvider.tokenTypes. */
  readonly tokenTypes: readonly string[];
  readonly acceptIdTokens: boolean;
  readonly claimMapping: ClaimMapping;
  /** Texts that count as `true` in the claim that says whether an address is verified. Mostly none do. */
  readonly emailVerifiedWords: readonly string[];
  readonly advice: readonly Advice[];

  /** Whether an issuer looks like this vendor's. */
  recognises(issuer: string): boolean;
  /** Audiences that its tokens for us name besides. */
  extraAudiences(issuer: string): readonly string[];
  /** What is wrong with an issuer and audiences that are to be saved. */
  faults(issuer: string, audiences: readonly string[]): FieldError[];

  refusesHeader?(header: JsonObject): TokenRefusal | null;
  refusesClaims?(claims: JsonObject, provider: Pick<IdentityProvider, 'kind' | 'issuer'>): TokenRefusal | null;
  /** ID tokens of this vendor that bear none of the usual marks. */
  isIdToken?(claims: JsonObject, provider: Pick<IdentityProvider, 'kind'>): boolean;
}

/** Where OpenID Connect Core §5.1 puts things. */
export const STANDARD_CLAIMS: ClaimMapping = {
  subject: 'sub',
  email: 'email',
  emailVerified: 'email_verified',
  name: 'name',
  groups: 'groups',
};

/** No `typ`, the general one, and access tokens of RFC 9068. */
export const STANDARD_TYPES: readonly string[] = ['', 'jwt', 'at+jwt'];

export const issuerFault = (detail: string): FieldError => ({ pointer: '/issuer', detail });
export const audienceFault = (index: number, detail: string): FieldError => ({
  pointer: `/audiences/${index}`,
  detail,
});

/** The parts of an issuer; null: it is no URL. */
export const issuerUrl = (issuer: string): URL | null => (URL.canParse(issuer) ? new URL(issuer) : null);
