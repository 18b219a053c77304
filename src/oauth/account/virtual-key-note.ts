import { COMPANION_HEADER } from '../../auth/presented-credential.js';
import type { VirtualKeyView } from '../../keys/virtual-keys.dto.js';

/** What a virtual key is good for, where it is shown: whoever holds it also needs the address that it is accepted at. */
export function virtualKeyNote(
  { name, keyType, providerApiKeys }: Pick<VirtualKeyView, 'name' | 'keyType' | 'providerApiKeys'>,
  publicUrl: string,
): string {
  if (keyType === 'passthrough') {
    return `“${name}” goes beside your provider’s key, in the header ${COMPANION_HEADER}.`;
  }
  const addresses = providerApiKeys.map(({ provider }) => `${publicUrl}/v1/${provider}`);
  const place = `“${name}” goes where your program wants the provider’s key`;
  return addresses.length === 0 ? `${place}.` : `${place}. The base URL that goes with it: ${addresses.join(' or ')}`;
}
