/** Reads the form for a new virtual key and converts it to the body of the admin API. */
import { CreateVirtualKeyBody } from '../../../keys/virtual-keys/virtual-keys.dto.js';
import type { ProviderKeyView } from '../../../keys/provider-keys/provider-keys.dto.js';
import { checkBody } from '../../../admin-api/body-validation.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { KEY_LIFETIMES } from '../../pages/account/create-virtual-key.js';
import type { PageForm } from '../../pages/http/form.js';

const DAY_MS = 86_400_000;

export interface TypedVirtualKey {
  name: string;
  providerKeyIds: string[];
  /** Empty: the key never expires. */
  expiresInDays: string;
}

export const readVirtualKeyForm = (form: PageForm): TypedVirtualKey => ({
  name: form.getText('name'),
  providerKeyIds: form.getAll('providerKeyIds'),
  expiresInDays: form.getText('expiresInDays'),
});

/**
 * Returns the body. `usable`: the provider keys that the person may use. `now` in Unix milliseconds. Throws
 * `validation_failed`.
 */
export async function toVirtualKeyBody(
  { name, providerKeyIds, expiresInDays }: TypedVirtualKey,
  usableKeys: readonly Pick<ProviderKeyView, 'id' | 'provider'>[],
  now: number,
): Promise<CreateVirtualKeyBody> {
  if (providerKeyIds.length === 0) throw invalid('Choose at least one provider key that calls with it use.');
  if (!KEY_LIFETIMES.some(({ value }) => value === expiresInDays)) throw invalid('Choose an expiry from the list.');
  const expiresAt = expiresInDays === '' ? null : new Date(now + Number(expiresInDays) * DAY_MS).toISOString();
  const providerApiKeys = providerKeyIds.map((id) => {
    const key = usableKeys.find((each) => each.id === id);
    if (!key) throw invalid('You may not use a provider key with this id.');
    return { provider: key.provider, providerApiKeyId: id };
  });
  return checkBody(CreateVirtualKeyBody, { name, providerApiKeys, expiresAt, scope: 'personal' });
}

const invalid = (detail: string): GatewayError => new GatewayError('validation_failed', detail);
