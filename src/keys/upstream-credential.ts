import type { Secret } from '../platform/crypto/secret.js';
import type { ProviderKeyId } from '../platform/ids.js';
import type { KeyScope } from './member-keys.reader.js';

/** A provider key ready for use: where it goes and what is sent along. Shared between requests; frozen. */
export interface UpstreamCredential {
  /** The stored key; null for the caller's own. */
  readonly providerKeyId: ProviderKeyId | null;
  /** Whose key it is; absent for the caller's own. */
  readonly scope?: KeyScope;
  /** Null where the provider needs none (ollama, vllm). */
  readonly secret: Secret | null;
  /** As `URL.origin` writes it. */
  readonly origin: string;
  /** What stands before the provider's paths: empty, or with a leading and no trailing slash. */
  readonly basePath: string;
  /** Flat name, value, name, value …; names lower-case. */
  readonly extraHeaders: readonly string[];
}
