/** What an admin makes before anybody can call: stored provider keys, an LLM proxy, virtual keys. All by the admin API. */
import type { DemoAdmin } from './demo-admin.js';
import type { DemoProvider } from './demo-provider.js';
import { VENDORS } from './vendors.js';

export interface VirtualKey {
  id: string;
  name: string;
  value: string;
}

export interface DemoStage {
  /** Of the gateway. */
  url: string;
  admin: DemoAdmin;
  provider: DemoProvider;
  proxy: { id: string; name: string };
  /** Mapped to a stored key of every vendor. */
  virtualKey: VirtualKey;
  /** Mapped to the first vendor's stored key alone. */
  narrowKey: VirtualKey;
}

export async function setTheStage(url: string, admin: DemoAdmin, provider: DemoProvider): Promise<DemoStage> {
  const stored: { provider: string; providerApiKeyId: string }[] = [];
  for (const vendor of VENDORS) {
    const { id } = await admin.create<{ id: string }>('/api/llm-provider-api-keys', {
      name: `${vendor.name} of the company`,
      provider: vendor.id,
      apiKey: provider.issueKey(vendor),
      scope: 'org',
    });
    stored.push({ provider: vendor.id, providerApiKeyId: id });
  }
  const proxy = await admin.create<DemoStage['proxy']>('/api/llm-proxies', { name: 'Demo' });
  const virtualKey = (name: string, providerApiKeys: typeof stored): Promise<VirtualKey> =>
    admin.create<VirtualKey>('/api/llm-virtual-keys', { name, providerApiKeys });
  return {
    url,
    admin,
    provider,
    proxy,
    virtualKey: await virtualKey('All three', stored),
    narrowKey: await virtualKey(`${VENDORS[0]!.name} only`, stored.slice(0, 1)),
  };
}
