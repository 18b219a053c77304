/**
 * Decides whether to accept a token of a trusted provider. Security depends on the order of the steps, defined here.
 */
import { Injectable } from '@nestjs/common';
import { compactVerify } from 'jose';
import { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import { CLAIM_CHECKS, checkIssuer, readClaims } from './claims/checks.js';
import { KeySets } from '../jwks/key-sets.js';
import { checkAlgorithm, checkHeader, readKeyId } from './header.js';
import { quote, readTokenJson, type JsonObject } from '../trusted-issuer/token-json.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import { parseToken } from './structure.js';
import type { TokenCheck, ValidatedToken } from '../trusted-issuer/validated-token.js';
import type { VerificationKey } from '../jwks/verification-key.js';

export interface Inspection {
  /** In the order in which they run; checks that could not run count as failed. */
  readonly checks: readonly TokenCheck[];
  readonly validated: ValidatedToken | null;
  /** The first refusal, which a caller would receive. Also null when the provider's keys are unavailable. */
  readonly refusal: TokenRefusal | null;
}

/** State of one token during the steps. */
interface ValidationState {
  readonly token: string;
  readonly provider: IdentityProvider;
  readonly nowMs: number;
  header?: JsonObject;
  /** Verified from the step `signature` onward. */
  claims?: JsonObject;
  key?: VerificationKey;
}

interface Step {
  readonly name: string;
  /** Result of an earlier step that this one requires. */
  readonly needs?: 'claims' | 'key';
  /** Returns the finding, worded for an admin. */
  readonly run: (state: ValidationState) => string | Promise<string>;
}

@Injectable()
export class JwtValidator {
  readonly #steps: readonly Step[] = [
    { name: 'structure', run: readStructure },
    { name: 'header', needs: 'claims', run: ({ header, provider }) => checkHeader(header!, provider) },
    { name: 'algorithm', needs: 'claims', run: ({ header, provider }) => checkAlgorithm(header!, provider) },
    // Precedes the key lookup: a token of another issuer must not cause an outgoing request.
    { name: 'issuer', needs: 'claims', run: ({ claims, provider }) => checkIssuer(claims!, provider) },
    { name: 'key', needs: 'claims', run: (state) => this.#findKey(state) },
    { name: 'signature', needs: 'key', run: verifySignature },
    ...CLAIM_CHECKS.map(({ name, check }): Step => ({
      name: name === 'issuer' ? 'signed issuer' : name,
      needs: 'claims',
      run: ({ claims, provider, nowMs }) => check(claims!, provider, nowMs),
    })),
  ];

  constructor(
    private readonly keySets: KeySets,
    private readonly clock: Clock,
  ) {}

  /** Returns the issuer that the unverified token claims, for looking up a provider only. Null: not a token. */
  readIssuer(token: string): string | null {
    try {
      const { iss } = parseToken(token).claims;
      return typeof iss === 'string' ? iss : null;
    } catch (error) {
      if (error instanceof TokenRefusal) return null;
      throw error;
    }
  }

  /**
   * @throws TokenRefusal with the first fault
   * @throws GatewayError `idp_unreachable`: undecided, because the provider's keys are unavailable
   */
  async validate(token: string, provider: IdentityProvider): Promise<ValidatedToken> {
    if (provider.isDisabled) throw new TokenRefusal('jwt_issuer_unknown', 'The identity provider is disabled.');
    const state: ValidationState = { token, provider, nowMs: this.clock.now() };
    for (const step of this.#steps) await step.run(state);
    return readClaims(state.claims!, provider, state.key!.id);
  }

  /**
   * Runs all checks, also after the first fault, for an admin who tries out a token. Accepts disabled providers too.
   */
  async inspect(token: string, provider: IdentityProvider): Promise<Inspection> {
    const state: ValidationState = { token, provider, nowMs: this.clock.now() };
    const checks: TokenCheck[] = [];
    let refusal: TokenRefusal | null = null;
    for (const { name, needs, run } of this.#steps) {
      if (needs !== undefined && state[needs] === undefined) {
        checks.push({ name, passed: false, detail: 'Not checked: an earlier check failed.' });
        continue;
      }
      try {
        checks.push({ name, passed: true, detail: await run(state) });
      } catch (error) {
        if (error instanceof TokenRefusal) refusal ??= error;
        else if (!(error instanceof GatewayError)) throw error;
        checks.push({ name, passed: false, detail: error.detail });
      }
    }
    const isValid = checks.every(({ passed }) => passed);
    return { checks, validated: isValid ? readClaims(state.claims!, provider, state.key!.id) : null, refusal };
  }

  async #findKey(state: ValidationState): Promise<string> {
    const { header, provider } = state;
    const wanted = { kid: readKeyId(header!), alg: checkAlgorithm(header!, provider) };
    const key = await this.keySets.find(provider, wanted);
    if (key === null)
      throw new TokenRefusal(
        'jwt_key_unknown',
        wanted.kid === null
          ? `The token names no key, and the provider does not have exactly one for ${wanted.alg}.`
          : `The provider has no key ${quote(wanted.kid)} for ${wanted.alg}.`,
      );
    state.key = key;
    return `key ${quote(key.id)}`;
  }
}

function readStructure(state: ValidationState): string {
  Object.assign(state, parseToken(state.token));
  return `${state.token.length} characters in 3 segments`;
}

/** Reads the claims from the very bytes that were signed; only these count from here on. */
async function verifySignature(state: ValidationState): Promise<string> {
  const { token, key, header } = state;
  const alg = header!.alg as string;
  const { payload } = await compactVerify(token, key!.publicKey, { algorithms: [alg] }).catch(() => {
    throw new TokenRefusal('jwt_signature', `The signature does not match key ${quote(key!.id)}.`);
  });
  state.claims = readTokenJson(Buffer.from(payload), 'payload');
  return `a valid ${alg} signature`;
}
