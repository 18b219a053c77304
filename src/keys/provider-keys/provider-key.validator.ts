/**
 * Validates what an admin sends as a provider key and prepares it for storage: the secret, its address, its headers.
 */
import { validationError } from '../../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { SealedBox } from '../../platform/crypto/sealed-box.js';
import { Secret } from '../../platform/crypto/secret.js';
import { Egress } from '../../platform/egress/egress.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { KeyActor } from '../ownership/key-actor.reader.js';
import type { ProviderKeyEntity, ProviderKeyServer } from '../credentials/provider-key.entity.js';
import { createProviderKeySealContext } from '../credentials/provider-key.lookup.js';
import { SecretSources } from '../secret-sources/registry.js';

/** Undefined and null both mean: absent. */
export interface SecretInput {
  apiKey?: string | null;
  secretRef?: string | null;
}

type StoredSecret = Pick<ProviderKeyEntity, 'sealedSecret' | 'secretRef' | 'last4'>;

@Injectable()
export class ProviderKeyValidator {
  constructor(
    private readonly box: SealedBox,
    private readonly sources: SecretSources,
    private readonly egress: Egress,
    private readonly config: AppConfig,
  ) {}

  /**
   * Seals the key for the row `id`, or takes its reference. Exactly one is required, unless the provider needs none.
   */
  toStoredSecret(actor: KeyActor, adapter: ProviderAdapter, input: SecretInput, id: string): StoredSecret {
    const { apiKey, secretRef } = input;
    if (apiKey && secretRef)
      throw validationError({ pointer: '/secretRef', detail: 'Send either apiKey or secretRef, not both.' });
    if (secretRef) {
      this.#checkReference(actor, secretRef);
      return { sealedSecret: null, secretRef, last4: '' };
    }
    if (apiKey) {
      const secret = new Secret(apiKey);
      const problem = adapter.findSecretProblem ? adapter.findSecretProblem(secret) : findHeaderProblem(apiKey);
      if (problem !== null) throw validationError({ pointer: '/apiKey', detail: problem });
      const last4 = adapter.readLast4?.(secret) ?? secret.last4;
      return { sealedSecret: this.box.seal(secret, createProviderKeySealContext(id)), secretRef: null, last4 };
    }
    if (adapter.keyOptional) return { sealedSecret: null, secretRef: null, last4: '' };
    throw validationError({
      pointer: '/apiKey',
      detail: `${adapter.displayName} needs a key: send it as apiKey, or a reference to it as secretRef.`,
    });
  }

  /** Returns the address to store. Null: the deployment's or the vendor's, one of which must exist. */
  toBaseUrl(adapter: ProviderAdapter, value: string | null | undefined): string | null {
    if (value === null || value === undefined) {
      if (adapter.baseUrl ?? this.config.upstream.baseUrls[adapter.id]) return null;
      throw validationError({
        pointer: '/baseUrl',
        detail: `${adapter.displayName} has no public address. Send the address of your deployment.`,
      });
    }
    return this.#toStoredUrl(value, '/baseUrl');
  }

  /**
   * Returns the servers to store; null: the key has one address. Throws `validation_failed` for a provider that has one
   * server, in combination with a `baseUrl`, and for an address that must not be reached.
   */
  toServers(
    adapter: ProviderAdapter,
    value: readonly ProviderKeyServer[] | null | undefined,
  ): ProviderKeyServer[] | null {
    if (value === null || value === undefined) return null;
    if (!adapter.servers) {
      throw validationError({
        pointer: '/servers',
        detail: `${adapter.displayName} has one server. Leave servers out, and send its address as baseUrl.`,
      });
    }
    return value.map(({ baseUrl, models }, i) => ({
      baseUrl: this.#toStoredUrl(baseUrl, `/servers/${i}/baseUrl`),
      models: [...models],
    }));
  }

  #toStoredUrl(value: string, pointer: string): string {
    const url = this.egress.checkUrl(value, pointer);
    if (url.search || url.hash)
      throw validationError({ pointer, detail: 'The address must not have a query or a fragment.' });
    return url.href.replace(/\/+$/, '');
  }

  /** A reference reaches secrets of the whole deployment, so it requires more than owning a key. */
  #checkReference(actor: KeyActor, reference: string): void {
    if (!actor.permissions.has('org_key:write')) {
      throw new GatewayError(
        'permission_denied',
        'To use a key that is stored elsewhere (secretRef) you need the permission org_key:write.',
      );
    }
    const problem = this.sources.findProblem(reference);
    if (problem !== null) throw validationError({ pointer: '/secretRef', detail: problem });
  }
}

/** RFC 9110 §5.5. */
const findHeaderProblem = (key: string): string | null =>
  /^[\x21-\x7e]+$/.test(key)
    ? null
    : 'apiKey must consist of visible ASCII characters, without white space. Check that the whole key was copied.';
