/**
 * Authenticates confidential clients by secret: compares with all live digests, slows down guessing, and records
 * failures in the audit log. Replaces the library's comparison, which would need the secret itself.
 */
import { Injectable } from '@nestjs/common';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { errors } from '../../oidc-library/oidc-provider.js';
import { FailedCredentialLimiter } from '../../../auth/guard/failed-credential-limiter.js';
import { OAuthClientLookup } from '../../../clients/authentication/oauth-client.lookup.js';
import { OAuthClientSecretStore } from '../../../clients/storage/oauth-client-secret.store.js';
import { findMatchingSecret } from '../../../clients/authentication/matching-secret.js';
import { Clock } from '../../../platform/time/clock.js';
import { computeTokenDigestKey } from '../../../platform/crypto/token-digest.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { AppLogger } from '../../../platform/logging/app-logger.js';
import { PLACEHOLDER_SECRET } from '../../registration/client-source.js';
import { TokenAudit } from '../../tokens/audit.js';
import { replaceSecretComparison } from '../../oidc-library/oidc-provider-patches.js';
import { getCurrentRequestContext, getRequestContext } from '../../oidc-library/request-context.js';

@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly directory: OAuthClientLookup,
    private readonly secrets: OAuthClientSecretStore,
    private readonly limiter: FailedCredentialLimiter,
    private readonly audit: TokenAudit,
    private readonly logger: AppLogger,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws if the library would accept the placeholder that it holds instead of a secret. The server must not start
   * then.
   */
  async install(provider: Provider): Promise<void> {
    await replaceSecretComparison(provider, (clientId, secret) => this.#compare(clientId, secret), PLACEHOLDER_SECRET);
    provider.on('grant.error', this.#noteRefusal);
    provider.on('device_authorization.error', this.#noteRefusal);
    provider.on('introspection.error', this.#noteRefusal);
    provider.on('revocation.error', this.#noteRefusal);
    provider.on('pushed_authorization_request.error', this.#noteRefusal);
  }

  /**
   * Runs after a request whose client could not be authenticated. Counts it, and replaces the response by a 429 once
   * the limit is exceeded.
   */
  async countRefusal(ctx: KoaContextWithOIDC): Promise<void> {
    const { clientAddress = '', secretDigest = null } = getRequestContext(ctx.req) ?? {};
    try {
      await this.limiter.recordFailure(clientAddress, secretDigest ?? computeTokenDigestKey('no secret'));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const response = error.code === 'too_many_failures' ? new TooManyRequests(error) : new Unavailable();
      setErrorResponse(ctx, response);
    }
  }

  async #compare(clientId: string, secret: string): Promise<boolean> {
    const context = getCurrentRequestContext();
    const secretDigest = computeTokenDigestKey(`${clientId} ${secret}`);
    if (context) {
      context.secretDigest = secretDigest;
      checkLimit(this.limiter, context.clientAddress, secretDigest);
    }
    const client = await this.directory.findByClientId(clientId);
    const secretId = client && findMatchingSecret(client, secret, this.clock.now());
    if (!secretId) return false;
    if (context) context.clientSecretId = secretId;
    this.limiter.recordSuccess(secretDigest);
    await this.secrets.markUsed(secretId);
    return true;
  }

  readonly #noteRefusal = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): void => {
    if (error instanceof TooManyRequests) ctx.set('retry-after', String(error.retryAfterSeconds));
    if (error.error !== 'invalid_client' || !ctx.oidc.client) return;
    const { clientId } = ctx.oidc.client;
    this.audit
      .recordClientRefusal(clientId, error.error_detail ?? 'client authentication failed')
      .catch((problem: unknown) =>
        this.logger.pino.warn({ err: problem }, 'a failed client authentication could not be audited'),
      );
  };
}

function checkLimit(limiter: FailedCredentialLimiter, address: string, digest: string): void {
  try {
    limiter.check(address, digest);
  } catch (error) {
    throw error instanceof GatewayError ? new TooManyRequests(error) : error;
  }
}

/** RFC 6749 defines no error code for this; RFC 6585 §4 defines the status. */
export class TooManyRequests extends errors.OIDCProviderError {
  readonly retryAfterSeconds: number;

  constructor(cause: GatewayError) {
    super(429, 'temporarily_unavailable');
    this.error_description = cause.detail;
    this.retryAfterSeconds = cause.retryAfterSeconds ?? 60;
  }
}

/** A dependency does not respond. */
export class Unavailable extends errors.OIDCProviderError {
  readonly retryAfterSeconds = 2;

  constructor() {
    super(503, 'temporarily_unavailable');
    this.error_description = 'the server is temporarily unavailable; try again in a few seconds';
  }
}

/** An internal error. The log has the cause. */
export class InternalFailure extends errors.OIDCProviderError {
  readonly retryAfterSeconds = null;

  constructor() {
    super(500, 'server_error');
    this.error_description = 'the request failed; the log of the server has the cause';
  }
}

export function setErrorResponse(
  ctx: KoaContextWithOIDC,
  error: TooManyRequests | Unavailable | InternalFailure,
): void {
  ctx.status = error.status;
  if (error.retryAfterSeconds !== null) ctx.set('retry-after', String(error.retryAfterSeconds));
  ctx.body = { error: error.error, error_description: error.error_description };
}
