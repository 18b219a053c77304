/**
 * Makes passport-jwt verify tokens with this module's validator, which has jose check the signature, instead of
 * jsonwebtoken, which lacks EdDSA, token types and mandatory claims. The library has a single hook, shared by all its
 * strategies in the process; calls from other strategies are passed to the previous verifier.
 */
import { Strategy } from 'passport-jwt';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import { toUniformRefusal } from './uniform-refusal.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

/** Takes the place of the library's secret: the claimed issuer, and the function that verifies it. */
export class VerificationPlan {
  constructor(
    readonly provider: IdentityProvider,
    readonly validate: (token: string) => Promise<ValidatedToken>,
  ) {}
}

/** Result of the verification, passed to the strategy's `validate`. */
export interface VerifiedToken {
  provider: IdentityProvider;
  validated: ValidatedToken;
}

type Verifier = (
  token: string,
  secret: unknown,
  options: unknown,
  done: (error: unknown, verified?: VerifiedToken) => void,
) => void;

const passportJwt = Strategy as unknown as { JwtVerifier: Verifier };
const originalVerifier = passportJwt.JwtVerifier;

passportJwt.JwtVerifier = (token, secret, options, done) => {
  if (!(secret instanceof VerificationPlan)) return originalVerifier(token, secret, options, done);
  secret.validate(token).then(
    (validated) => done(null, { provider: secret.provider, validated }),
    (error: unknown) => done(toUniformRefusal(error)),
  );
};

export { Strategy as PassportJwt };
