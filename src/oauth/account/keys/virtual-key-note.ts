import { COMPANION_HEADER } from '../../../auth/credentials/presented-credential.js';
import type { VirtualKeyView } from '../../../keys/virtual-keys/virtual-keys.dto.js';

/** Returns the note beside a new virtual key: its use, and the URLs that accept it. */
export function describeVirtualKeyUse(
  { name, keyType, providerApiKeys }: Pick<VirtualKeyView, 'name' | 'keyType' | 'providerApiKeys'>,
  publicUrl: string,
): string {
  if (keyType === 'passthrough') {
    return `“${name}” goes beside your provider’s key, in the header ${COMPANION_HEADER}.`;
  }
  const addresses = providerApiKeys.map(({ provider }) => `${publicUrl}/v1/${provider}`);
  const usage = `“${name}” goes where your program wants the provider’s key`;
  return addresses.length === 0 ? `${usage}.` : `${usage}. The base URL that goes with it: ${addresses.join(' or ')}`;
}
