/** Reads an issuer's discovery document (OpenID Connect Discovery 1.0 §4): once, when a trust is saved. */
import { validationError } from '../../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import { Egress } from '../../platform/egress/egress.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';

/** An admin waits for the result. */
const TIMEOUT_MS = 3_000;
/** Real documents have a few kilobytes. */
const MAX_BYTES = 262_144;

const MAX_METHODS = 20;

export interface Discovered {
  jwksUrl: string;
  /** Null: the issuer offers no sign-in, like issuers of workloads. */
  endpoints: IdentityProvider['endpoints'];
}

@Injectable()
export class IssuerDiscovery {
  constructor(private readonly egress: Egress) {}

  /** Throws `validation_failed` at `pointer`, with a remedy in the detail. */
  async discover(issuer: string, pointer: string): Promise<Discovered> {
    const url = this.egress.checkUrl(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, pointer).href;
    const createError = (problem: string): GatewayError =>
      validationError({
        pointer,
        detail: `${problem} The request went to ${url}. Check the issuer, or send jwksUrl to skip discovery.`,
      });
    const document = await this.#fetch(url, createError);
    if (document.issuer !== issuer)
      throw createError(
        `The document names the issuer ${quoteValue(document.issuer)}; the issuer sent here must match it byte for byte.`,
      );
    const findAddress = (name: string): string | null => this.#findAddress(document, name, createError);
    const jwksUrl = findAddress('jwks_uri');
    if (jwksUrl === null) throw createError('The issuer names no key set (jwks_uri).');
    const authorization = findAddress('authorization_endpoint');
    const token = findAddress('token_endpoint');
    const endpoints =
      authorization !== null && token !== null
        ? {
            authorization,
            token,
            endSession: findAddress('end_session_endpoint'),
            tokenAuthMethods: readTexts(document.token_endpoint_auth_methods_supported),
            issParameter: document.authorization_response_iss_parameter_supported === true,
          }
        : null;
    return { jwksUrl, endpoints };
  }

  async #fetch(url: string, createError: (problem: string) => GatewayError): Promise<Record<string, unknown>> {
    const { status, body } = await this.egress
      .fetchBounded(url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
      .catch((error: unknown) => {
        throw error instanceof GatewayError ? createError(`The issuer cannot be reached: ${error.detail}`) : error;
      });
    if (status !== 200) throw createError(`The issuer responded with status ${status}; redirects are not followed.`);
    try {
      const document: unknown = JSON.parse(body.toString('utf8'));
      if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
    } catch {
      // Reported below, together with JSON that is not an object.
    }
    throw createError('The issuer did not respond with a JSON document.');
  }

  /** Returns the named URL if Gatehouse may request it. Null when the document has none. */
  #findAddress(
    document: Record<string, unknown>,
    name: string,
    createError: (problem: string) => GatewayError,
  ): string | null {
    const value = document[name];
    if (value === undefined || value === null) return null;
    try {
      if (typeof value === 'string') return this.egress.checkUrl(value).href;
    } catch (error) {
      if (error instanceof GatewayError) throw createError(`The issuer's ${name} cannot be used: ${error.detail}`);
      throw error;
    }
    throw createError(`The issuer's ${name} is not a string.`);
  }
}

/** Returns null unless the value is a list of short strings, within the length of real ones. */
function readTexts(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length > MAX_METHODS) return null;
  const texts = value.filter((each): each is string => typeof each === 'string' && /^[\w.:-]{1,64}$/.test(each));
  return texts.length === value.length ? texts : null;
}

/** A value from the foreign document, quoted for a sentence. */
const quoteValue = (value: unknown): string =>
  typeof value === 'string' && PRINTABLE.test(value) ? `"${value.slice(0, 200)}"` : 'an unreadable value';
