/**
 * Validates logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6): they are signed with the same keys as ID
 * tokens, but an ID token is never accepted as one.
 */
import { Injectable } from '@nestjs/common';
import { compactVerify, errors } from 'jose';
import { checkIssuer } from '../../idp-trust/token-validation/claims/checks.js';
import { KeySets } from '../../idp-trust/jwks/key-sets.js';
import { checkAudience } from '../../idp-trust/token-validation/claims/audience.js';
import { checkAlgorithm, checkHeader, readKeyId } from '../../idp-trust/token-validation/header.js';
import { isObject, quote, readTokenJson, type JsonObject } from '../../idp-trust/trusted-issuer/token-json.js';
import { TokenRefusal } from '../../idp-trust/trusted-issuer/token-refusal.js';
import { parseToken } from '../../idp-trust/token-validation/structure.js';
import { checkTimes, readExpiry } from '../../idp-trust/token-validation/claims/times.js';
import { Clock } from '../../platform/time/clock.js';
import type { SignInProvider } from '../idp-client/sign-in-providers.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Two minutes are usual (§2.4). A used token is remembered for its whole lifetime. */
const MAX_AGE_SECONDS = 3_600;
const MAX_TEXT_LENGTH = 255;

/** Whose sessions to end: a session at the provider, a person, or both. At least one is not null. */
export interface LogoutNotice {
  jti: string;
  expiresAt: Date;
  subject: string | null;
  providerSession: string | null;
}

@Injectable()
export class LogoutTokens {
  constructor(
    private readonly keySets: KeySets,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks everything except whether the token came before.
   * @throws TokenRefusal with the first fault
   * @throws GatewayError `idp_unreachable`
   */
  async read(token: string, provider: SignInProvider): Promise<LogoutNotice> {
    const { header, claims } = parseToken(token);
    checkHeader(header, { preset: provider.preset, tokenTypes: ['logout+jwt'] });
    const alg = checkAlgorithm(header, provider);
    checkIssuer(claims, provider);
    const key = await this.keySets.find(provider, { kid: readKeyId(header), alg });
    if (key === null) throw new TokenRefusal('jwt_key_unknown', 'The provider has no such key.');
    return this.#readNotice(await verifySignature(token, key.publicKey, alg), provider);
  }

  #readNotice(claims: JsonObject, provider: SignInProvider): LogoutNotice {
    const { clientId, extraAudiences, leewaySeconds } = provider;
    checkIssuer(claims, provider);
    checkAudience(claims, { audiences: [clientId], extraAudiences });
    const rules = { leewaySeconds, maxAgeSeconds: MAX_AGE_SECONDS };
    checkTimes(claims, rules, this.clock.now());
    const { events, nonce, jti, sub, sid } = claims;
    if (!isObject(events) || !isObject(Object.hasOwn(events, EVENT) ? events[EVENT] : null))
      throw new TokenRefusal('jwt_type', `events is ${quote(events)}; it must name a logout.`);
    if (nonce !== undefined) throw new TokenRefusal('jwt_type', 'It has a nonce, as only ID tokens have.');
    if (!isText(jti)) throw new TokenRefusal('jwt_malformed', `jti is ${quote(jti)}; a text is required.`);
    if (sub === undefined && sid === undefined) throw new TokenRefusal('jwt_subject', 'It has neither sub nor sid.');
    for (const each of [sub, sid])
      if (each !== undefined && !isText(each))
        throw new TokenRefusal('jwt_subject', 'sub or sid is not a usable string.');
    return {
      jti,
      expiresAt: new Date(readExpiry(claims, rules)),
      subject: (sub as string | undefined) ?? null,
      providerSession: (sid as string | undefined) ?? null,
    };
  }
}

async function verifySignature(
  token: string,
  key: Parameters<typeof compactVerify>[1],
  alg: string,
): Promise<JsonObject> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [alg] });
    return readTokenJson(Buffer.from(payload), 'payload');
  } catch (error) {
    if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
    throw new TokenRefusal('jwt_signature', 'The signature does not match the key.');
  }
}

/** Whether the value is non-empty text of realistic length that PostgreSQL can store. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH && !value.includes('\0');
