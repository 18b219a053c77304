/**
 * A gateway with a fake provider and a stored key for each family of APIs: the setup of most suites about LLM routes.
 */
import { readFileSync } from 'node:fs';
import { OrganizationCreator } from '../../../src/orgs/setup/organization-creator.js';
import { FakeProvider, json } from '../providers/fake-provider.js';
import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { createId } from '../../../src/platform/ids.js';
import type { AdminClient, Json } from '../http/admin-client.js';
import { startGateway, type GatewayOptions, type TestGateway } from './gateway.js';
import { eventually, WireClient, type HeaderList, type WireResponse } from '../http/wire-client.js';

/** A family of APIs, named by its first provider: the path of its plain inference call and the header of its key. */
export interface Family {
  id: 'openai' | 'anthropic' | 'gemini' | 'cohere';
  path: string;
  upstreamPath: string;
  model: string;
  body: string;
  /** The header in which this vendor's clients send a key. */
  key: (value: string) => readonly [string, string];
}

const messages = [{ role: 'user', content: 'Say hello.' }];

export const FAMILIES: readonly Family[] = [
  {
    id: 'openai',
    path: 'chat/completions',
    upstreamPath: '/v1/chat/completions',
    model: 'gpt-5.4',
    body: JSON.stringify({ model: 'gpt-5.4', messages }),
    key: (value) => ['authorization', `Bearer ${value}`],
  },
  {
    id: 'anthropic',
    path: 'v1/messages',
    upstreamPath: '/v1/messages',
    model: 'claude-sonnet-4-5',
    body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 50, messages }),
    key: (value) => ['x-api-key', value],
  },
  {
    id: 'gemini',
    path: 'v1beta/models/gemini-2.5-flash:generateContent',
    upstreamPath: '/v1beta/models/gemini-2.5-flash:generateContent',
    model: 'gemini-2.5-flash',
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] }),
    key: (value) => ['x-goog-api-key', value],
  },
  {
    id: 'cohere',
    path: 'v2/chat',
    upstreamPath: '/v2/chat',
    model: 'command-a-03-2025',
    body: JSON.stringify({ model: 'command-a-03-2025', messages }),
    key: (value) => ['authorization', `Bearer ${value}`],
  },
];

export const familyOf = (id: Family['id']): Family => FAMILIES.find((family) => family.id === id)!;

/** Returns the stored key of a family, as the provider receives it. */
export const storedSecret = (id: string): string => `sk-stored-${id}-0123456789abcdef`;

export interface VirtualKey {
  id: string;
  value: string;
}

export interface OtherOrganization {
  id: string;
  ownerId: string;
  admin: AdminClient;
  /** Creates a virtual key of the owner, mapped to a key for Groq alone. */
  virtualKey: (over?: object) => Promise<VirtualKey>;
  defaultProxyId: string;
}

export interface Stage {
  gateway: TestGateway;
  fake: FakeProvider;
  wire: WireClient;
  /** The default organization and its default LLM proxy. */
  organizationId: string;
  defaultProxyId: string;
  /** Family → id of its stored provider key. */
  providerKeyIds: Record<string, string>;
  /** Creates a virtual key, mapped to all families unless `over` says otherwise. */
  virtualKey: (over?: object, as?: AdminClient) => Promise<VirtualKey>;
  llmProxy: (over?: object, as?: AdminClient) => Promise<string>;
  /** Creates another organization with an owner, its API key and a default LLM proxy. */
  otherOrganization: () => Promise<OtherOrganization>;
  /** Creates a user of the default organization, with an admin API key. */
  person: (role: string) => Promise<{ id: string; admin: AdminClient; key: string }>;
  sql: <T>(text: string, values?: unknown[]) => Promise<T[]>;
  /** Makes the family's plain inference call. `proxyId` is inserted into the path unchanged. */
  chat: (
    family: Family,
    headers: HeaderList,
    options?: { proxyId?: string; path?: string; body?: string },
  ) => Promise<WireResponse>;
  /** Returns the record of the call with this response. */
  recordOf: (answer: WireResponse) => Promise<Json>;
  close: () => Promise<void>;
}

/** Each variable of `env` may hold `%FAKE%` for the fake provider's address. */
export async function startStage(env: Record<string, string> = {}, options: GatewayOptions = {}): Promise<Stage> {
  const fake = await FakeProvider.start();
  const addressed = Object.entries(env).map(([name, value]) => [name, value.replace('%FAKE%', fake.url)] as const);
  const gateway = await startGateway(
    {
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      LLM_GROQ_BASE_URL: `${fake.url}/openai/v1`,
      LLM_MISTRAL_BASE_URL: `${fake.url}/v1`,
      LLM_ANTHROPIC_BASE_URL: fake.url,
      LLM_GEMINI_BASE_URL: fake.url,
      LLM_COHERE_BASE_URL: fake.url,
      // Suites about other topics must not reach it.
      FAILED_CREDENTIALS_PER_MINUTE: '1000000',
      // Each call can come from a different address (`fromAnyone`).
      TRUSTED_PROXIES: '127.0.0.1/32',
      ...Object.fromEntries(addressed),
    },
    options,
  );
  respondAsVendors(fake);
  const wire = new WireClient(gateway.url);
  const sql = <T>(text: string, values: unknown[] = []): Promise<T[]> =>
    gateway.resources.database.dataSource.query<T[]>(text, values);
  const organizationId = (await sql<{ id: string }>('SELECT id FROM organization WHERE is_default'))[0]!.id;
  const providerKeyIds: Record<string, string> = {};
  for (const { id } of FAMILIES) {
    const key = await gateway.admin.create('/api/llm-provider-api-keys', {
      name: id,
      provider: id,
      apiKey: storedSecret(id),
      scope: 'org',
    });
    providerKeyIds[id] = key.id as string;
  }
  const addPerson = async (inOrganization: string, role: string) => {
    const id = createId<string>();
    await sql('INSERT INTO app_user (id, organization_id, email, name, role) VALUES ($1, $2, $3, $3, $4)', [
      id,
      inOrganization,
      `${id}@example.com`,
      role,
    ]);
    const key = await apiKeyFor(inOrganization, id);
    return { id, key, admin: gateway.admin.as(key) };
  };
  const apiKeyFor = async (inOrganization: string, userId: string): Promise<string> => {
    const key = mintToken('arch_api_').expose();
    await sql(
      `INSERT INTO admin_api_key (id, organization_id, user_id, name, digest, token_start, scopes)
       VALUES ($1, $2, $3, 'test', $4, 'arch_api_', '{admin:read,admin:write}')`,
      [createId(), inOrganization, userId, computeTokenDigest(key)],
    );
    return key;
  };
  return {
    gateway,
    fake,
    wire,
    organizationId,
    defaultProxyId: (await defaultProxy(organizationId))!,
    providerKeyIds,
    virtualKey: (over = {}, as = gateway.admin) =>
      as.create('/api/llm-virtual-keys', {
        name: 'a key',
        providerApiKeys: Object.entries(providerKeyIds).map(([provider, providerApiKeyId]) => ({
          provider,
          providerApiKeyId,
        })),
        ...over,
      }) as Promise<VirtualKey>,
    llmProxy: async (over = {}, as = gateway.admin) =>
      (await as.create('/api/llm-proxies', { name: createId(), ...over })).id as string,
    otherOrganization: async () => {
      const created = await gateway.app.nest.get(UnitOfWork).run((work) =>
        gateway.app.nest.get(OrganizationCreator, { strict: false }).create(work, {
          name: 'Elsewhere',
          slug: `elsewhere-${createId<string>()}`,
          isDefault: false,
          ownerEmail: `${createId<string>()}@example.com`,
          ownerPasswordHash: null,
        }),
      );
      const admin = gateway.admin.as(await apiKeyFor(created.organizationId, created.ownerId));
      return {
        id: created.organizationId,
        ownerId: created.ownerId,
        admin,
        virtualKey: async (over = {}) => {
          const body = { name: 'theirs', provider: 'groq', apiKey: 'sk-theirs-0123456789' };
          const { id } = await admin.create('/api/llm-provider-api-keys', body);
          const providerApiKeys = [{ provider: 'groq', providerApiKeyId: id }];
          return (await admin.create('/api/llm-virtual-keys', {
            name: 'a key',
            providerApiKeys,
            ...over,
          })) as VirtualKey;
        },
        defaultProxyId: (await defaultProxy(created.organizationId))!,
      };
    },
    person: (role) => addPerson(organizationId, role),
    sql,
    chat: (family, headers, { proxyId, path = family.path, body = family.body } = {}) =>
      wire.call(
        'POST',
        `/v1/${family.id}/${proxyId === undefined ? '' : `${proxyId}/`}${path}`,
        [['content-type', 'application/json'], ...headers],
        body,
      ),
    recordOf: async (answer) => {
      const id = answer.headers['x-request-id'];
      return eventually(
        async () => {
          await gateway.flushRecords();
          return (await sql<Json>('SELECT * FROM interaction WHERE id = $1', [id]))[0];
        },
        `a record of ${String(id)}`,
      );
    },
    close: async () => {
      wire.close();
      await fake.close();
      await gateway.close();
    },
  };

  async function defaultProxy(inOrganization: string): Promise<string | undefined> {
    const rows = await sql<{ id: string }>('SELECT id FROM llm_proxy WHERE organization_id = $1 AND is_default', [
      inOrganization,
    ]);
    return rows[0]?.id;
  }
}

/** Responds to the plain call of each vendor, as recorded. */
export function respondAsVendors(fake: FakeProvider): void {
  for (const { id, upstreamPath } of FAMILIES) {
    fake.on(
      'POST',
      upstreamPath,
      json(200, readFileSync(new URL(`../../fixtures/wire/${id}/chat.json`, import.meta.url))),
    );
  }
}

let addresses = 0;

/**
 * Returns a header that gives the call a new client address, so that suites do not exhaust the limits of one address.
 */
export function fromAnyone(): readonly [string, string] {
  addresses++;
  return ['x-forwarded-for', `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`];
}

/** Returns everything that the provider received, as one text to search. */
export function everythingSent(fake: FakeProvider): string {
  return fake.received
    .map(({ method, url, rawHeaders, body }) => [method, url, ...rawHeaders, body.toString('latin1')].join('\n'))
    .join('\n\n');
}
