/**
 * The running authorization server: oidc-provider with the gateway's extensions, rebuilt whenever the signing keys
 * change.
 */
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type Provider from 'oidc-provider';
import { authTag } from '../../auth/callers/caller.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import type { CurrentOidcProvider } from '../oidc-library/current-oidc-provider.js';
import { OidcProviderFactory } from './setup/oidc-provider-factory.js';
import { SigningKeyStore } from '../signing-keys/signing-key.store.js';

/** Maximum delay with which a key begins to sign, or ends, after its scheduled instant. */
const KEY_CHECK_INTERVAL_MS = 60_000;

@Injectable()
export class OAuthServer implements CurrentOidcProvider, OnModuleInit, OnApplicationShutdown {
  #provider: Provider | undefined;
  /** Ids of the keys that the provider was built with, in their order. */
  #keyIds = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly factory: OidcProviderFactory,
    private readonly keys: SigningKeyStore,
    private readonly logger: AppLogger,
    events: AuthEvents,
  ) {
    events.subscribe(({ tag }) => {
      if (tag === authTag.signingKeys) this.#refreshSoon();
    });
  }

  get provider(): Provider {
    if (!this.#provider) throw new Error('the authorization server has not started');
    return this.#provider;
  }

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => this.#refreshSoon(), KEY_CHECK_INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /**
   * Rebuilds the provider if the current keys differ. Requests in flight finish with the provider that they began with.
   */
  async refresh(): Promise<void> {
    await this.keys.rotateWhenDue();
    const keys = await this.keys.load();
    const keyIds = keys.map(({ kid }) => kid).join();
    if (keyIds === this.#keyIds) return;
    this.#provider = await this.factory.build(keys);
    this.#keyIds = keyIds;
  }

  #refreshSoon(): void {
    this.refresh().catch((error: unknown) =>
      this.logger.pino.warn({ err: error }, 'the signing keys cannot be read; the previous ones stay in use'),
    );
  }
}
