/**
 * What passport-jwt verifies tokens with: our validator, which lets jose check the signature, in place of jsonwebtoken,
 * which knows no EdDSA, no token types and no claims that must be there. The library has one place for it, shared by all
 * its strategies in the process, so what is not ours goes on to what stood there.
 */
import { Strategy } from 'passport-jwt';
import type { IdentityProvider } from './identity-provider.js';
import { asUniformRefusal } from './uniform-refusal.js';
import type { ValidatedToken } from './validated-token.js';

/** Stands where the library keeps a secret: who the token claims to be from, and how to find out whether it is. */
export class VerificationPlan {
  constructor(
    readonly provider: IdentityProvider,
    readonly validate: (token: string) => Promise<ValidatedToken>,
  ) {}
}

/** What comes out of it, for the strategy's `validate`. */
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

const library = Strategy as unknown as { JwtVerifier: Verifier };
const before = library.JwtVerifier;

library.JwtVerifier = (token, secret, options, done) => {
  if (!(secret instanceof VerificationPlan)) return before(token, secret, options, done);
  secret.validate(token).then(
    (validated) => done(null, { provider: secret.provider, validated }),
    (error: unknown) => done(asUniformRefusal(error)),
  );
};

export { Strategy as PassportJwt };
