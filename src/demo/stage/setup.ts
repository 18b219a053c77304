/**
 * Creates by the admin API everything that calls need: stored provider keys, trust in the company's identity provider,
 * an LLM proxy, virtual keys, an OAuth client, and an invitation, which the person follows.
 */
import type { DemoAdmin } from '../actors/admin-client.js';
import type { DemoIdentityProvider } from '../actors/identity-provider.js';
import { DemoApp, DemoService } from '../actors/oauth-clients.js';
import { DemoPerson } from '../actors/person.js';
import type { DemoProvider } from '../providers/demo-provider.js';
import { OWN_KEY_VENDOR, VENDORS, type Vendor } from '../providers/vendors.js';

/** A provider key that the gateway stores. */
export interface StoredKey {
  id: string;
  name: string;
  /** The plain key that the provider receives. */
  value: string;
}

export interface VirtualKey {
  id: string;
  name: string;
  value: string;
}

export interface DemoStage {
  /** Address of the gateway. */
  url: string;
  admin: DemoAdmin;
  provider: DemoProvider;
  proxy: { id: string; name: string };
  /** Keys of the organization, by vendor. */
  companyKeys: ReadonlyMap<string, StoredKey>;
  /** Mapped to a stored key of every vendor. */
  virtualKey: VirtualKey;
  /** Mapped to the first vendor's stored key alone. */
  narrowKey: VirtualKey;
  /** Mapped to a stored key of every vendor. */
  service: DemoService;
  person: DemoPerson;
  /** The person's key for one vendor: it takes precedence over the organization's. */
  ownKey: StoredKey;
  /** Allowed by the person. */
  app: DemoApp;
  /** Linked to the LLM proxy. */
  directory: DemoIdentityProvider;
  /** The person's subject in the directory. */
  subject: string;
}

export async function createStage(
  url: string,
  admin: DemoAdmin,
  provider: DemoProvider,
  directory: DemoIdentityProvider,
): Promise<DemoStage> {
  const companyKeys = new Map<string, StoredKey>();
  for (const vendor of VENDORS)
    companyKeys.set(vendor.id, await storeCompanyKey(admin, vendor, provider.issueKey(vendor)));
  const trust = await admin.create<{ id: string }>('/api/identity-providers', {
    providerId: 'company-login',
    issuer: directory.issuer,
    audiences: [directory.audience],
  });
  const proxy = await admin.create<DemoStage['proxy']>('/api/llm-proxies', {
    name: 'Demo',
    identityProviderIds: [trust.id],
  });
  const mapped = [...companyKeys].map(([vendor, { id }]) => ({ provider: vendor, providerApiKeyId: id }));
  const createVirtualKey = (name: string, providerApiKeys: typeof mapped): Promise<VirtualKey> =>
    admin.create<VirtualKey>('/api/llm-virtual-keys', { name, providerApiKeys });
  const client = await admin.create<DemoService['client']>('/api/llm-oauth-clients', {
    name: 'Nightly report',
    grantType: 'client_credentials',
    allowedLlmProxyIds: [proxy.id],
    providerApiKeys: mapped,
  });
  const person = await DemoPerson.acceptInvitation(url, admin, 'ada@demo.example');
  const subject = 'employee-1815';
  await admin.create(`/api/identity-providers/${trust.id}/links`, { subject, userId: person.id });
  const app = new DemoApp(url);
  await app.connect(person);
  return {
    url,
    admin,
    provider,
    proxy,
    companyKeys,
    virtualKey: await createVirtualKey('All three', mapped),
    narrowKey: await createVirtualKey(`${VENDORS[0]!.name} only`, mapped.slice(0, 1)),
    service: new DemoService(url, client),
    person,
    ownKey: await storeOwnKey(person, OWN_KEY_VENDOR, provider.issueKey(OWN_KEY_VENDOR)),
    app,
    directory,
    subject,
  };
}

async function storeCompanyKey(admin: DemoAdmin, vendor: Vendor, value: string): Promise<StoredKey> {
  const name = `${vendor.name} of the company`;
  const body = { name, provider: vendor.id, apiKey: value, scope: 'org' };
  return { id: (await admin.create<{ id: string }>('/api/llm-provider-api-keys', body)).id, name, value };
}

async function storeOwnKey(person: DemoPerson, vendor: Vendor, value: string): Promise<StoredKey> {
  const name = `${vendor.name} of Ada`;
  return { id: await person.storeKey(vendor.id, name, value), name, value };
}
