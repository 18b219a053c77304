import type { Secret } from '../../platform/crypto/secret.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { KeyScope } from './member-keys.reader.js';

/** The address of a provider's calls. */
export interface UpstreamAddress {
  /** In the form of `URL.origin`. */
  readonly origin: string;
  /** What precedes the provider's paths: empty, or with a leading and no trailing slash. */
  readonly basePath: string;
}

/** One of several servers of a self-hosted provider. */
export interface UpstreamServer extends UpstreamAddress {
  /** Patterns of the models that it serves. */
  readonly models: readonly string[];
}

/** A provider key ready for use: its address and what is sent along. Shared between requests; frozen. */
export interface UpstreamCredential extends UpstreamAddress {
  /** The stored key; null for the caller's own. */
  readonly providerKeyId: ProviderKeyId | null;
  /** Scope of the stored key; absent for the caller's own. */
  readonly scope?: KeyScope;
  /** Null where the provider needs none (ollama, vllm). */
  readonly secret: Secret | null;
  /** Set if the key has several servers; `origin` and `basePath` are then those of the first. Never empty. */
  readonly servers?: readonly UpstreamServer[];
  /** Flat name, value, name, value …; names lower-case. */
  readonly extraHeaders: readonly string[];
}
