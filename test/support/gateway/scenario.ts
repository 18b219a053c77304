/**
 * The setup of client suites: a gateway, a fake provider, a stored provider key and virtual keys in every state,
 * created through the admin API. It also records what the client's `fetch` sends, so that a suite can check that a body
 * arrived byte for byte, and count attempts.
 */
import { FakeProvider, type ReceivedRequest } from '../providers/fake-provider.js';
import type { Json } from '../http/admin-client.js';
import { startGateway, type TestGateway } from './gateway.js';
import { wireJson } from '../providers/recorded-responses.js';
import { SentRequests } from '../http/sent-requests.js';

/** The settings that a developer configures in a client. */
export interface Target {
  baseUrl: string;
  key: string;
}

/** The prefix of a vendor's paths on the fake provider. */
const BASE_PATHS: Readonly<Record<string, string>> = {
  openai: '/v1',
  mistral: '/v1',
  groq: '/openai/v1',
  ollama: '/v1/',
};
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'];
/** Beginnings of the gateway's secrets. */
const OURS = /(?<![a-z])(?:arch_|llm_(?:at|ut|rt|secret)_)/;
const HOUR_MS = 3_600_000;

export interface ScenarioKeys {
  /** The stored provider key that the virtual key is mapped to. */
  stored: string;
  /** A provider's own key that a caller sends. */
  direct: string;
  virtual: string;
  /** Well-formed, but unknown. */
  unknown: string;
  expired: string;
  expiredAt: string;
  /** Mapped to a key of another provider. */
  unmapped: string;
}

export class Scenario {
  readonly sent = new SentRequests();

  private constructor(
    readonly gateway: TestGateway,
    readonly vendor: FakeProvider,
    readonly provider: string,
    readonly keys: ScenarioKeys,
    /** Ids of the virtual key, and of the stored key of each provider. */
    readonly ids: { virtualKey: string; storedKeys: Readonly<Record<string, string>> },
    readonly closedProxyId: string,
  ) {}

  /** For one provider, or for several with one virtual key; the targets point to the first. */
  static async start(...providers: readonly [string, ...string[]]): Promise<Scenario> {
    const vendor = await FakeProvider.start();
    const gateway = await startGateway(
      Object.fromEntries(
        providers.map((id) => [`LLM_${id.toUpperCase()}_BASE_URL`, vendor.url + (BASE_PATHS[id] ?? '')]),
      ),
    );
    const secret = (purpose: string): string => `${purpose}-key-0123456789abcdefghijABCD`;
    const store = (provider: string): Promise<Json> =>
      gateway.admin.create('/api/llm-provider-api-keys', { name: provider, provider, apiKey: secret('stored') });
    const make = (name: string, keys: readonly Json[], more: object = {}): Promise<Json> =>
      gateway.admin.create('/api/llm-virtual-keys', {
        name,
        providerApiKeys: keys.map(({ provider, id }) => ({ provider, providerApiKeyId: id })),
        ...more,
      });

    const stored: Json[] = [];
    for (const provider of providers) stored.push(await store(provider));
    const virtual = await make('client', stored);
    const unmapped = await make('elsewhere', [await store('deepseek')]);
    const unknown = await make('gone', stored);
    await gateway.admin.delete(`/api/llm-virtual-keys/${unknown.id}`);
    const expiresAt = new Date(gateway.clock.now() + HOUR_MS).toISOString();
    const expired = await make('old', stored, { expiresAt });
    gateway.clock.advance(2 * HOUR_MS);
    const closedProxy = await gateway.admin.create('/api/llm-proxies', {
      name: 'Closed',
      policy: { deniedModels: ['*'] },
    });
    const keys: ScenarioKeys = {
      stored: secret('stored'),
      direct: secret('direct'),
      virtual: virtual.value,
      unknown: unknown.value,
      expired: expired.value,
      expiredAt: expired.expiresAt,
      unmapped: unmapped.value,
    };
    const storedKeys = Object.fromEntries(stored.map(({ provider, id }): [string, string] => [provider, id]));
    const ids = { virtualKey: virtual.id, storedKeys };
    return new Scenario(gateway, vendor, providers[0], keys, ids, closedProxy.id);
  }

  /** Returns the settings of a client with this key, on the default LLM proxy or another. */
  target(key: string, { provider = this.provider, proxyId = '' } = {}): Target {
    return { baseUrl: `${this.gateway.url}/v1/${provider}${proxyId && `/${proxyId}`}`, key };
  }

  /**
   * Returns how to call with one of the two authentication methods, and the expected effect at the provider and in the
   * record.
   */
  authMethod(name: AuthMethodName, provider = this.provider): AuthMethodSetup {
    const { keys, ids } = this;
    if (name === 'a direct provider key') {
      const record = { authMethod: 'provider-key', virtualKeyId: null, providerKeyId: null };
      return { target: this.target(keys.direct, { provider }), providerKey: keys.direct, record };
    }
    const record = {
      authMethod: 'virtual-key',
      virtualKeyId: ids.virtualKey,
      providerKeyId: ids.storedKeys[provider],
    };
    return { target: this.target(keys.virtual, { provider }), providerKey: keys.stored, record };
  }

  /** Run before each test: forgets requests sent and received. */
  forget(): void {
    this.vendor.forget();
    this.sent.forget();
  }

  /**
   * Returns the only request that reached the provider, after checking that it contains nothing of the gateway and that
   * its body is the client's.
   */
  arrived(): Arrived {
    expect(this.vendor.received).toHaveLength(1);
    const seen = this.vendor.received[0]!;
    expect(`${seen.url}\n${seen.rawHeaders.join('\n')}\n${seen.body.toString()}`).not.toMatch(OURS);
    expect(seen.body.toString()).toBe(this.sent.last().body);
    return new Arrived(seen);
  }

  /** Returns records of the newest calls, newest first. */
  async records(): Promise<Json[]> {
    await this.gateway.flushRecords();
    return (await this.gateway.admin.get('/api/interactions')).body.data;
  }

  async record(): Promise<Json> {
    return (await this.records())[0];
  }

  /**
   * Expects that the newest call is recorded with this authentication method, with the usage in the recorded response
   * and its price.
   */
  async expectMetered(way: AuthMethodSetup, file: string, expected: object, provider = this.provider): Promise<void> {
    const { usage, servedModel } = wireJson(provider, 'expected.json')[file];
    const record = await this.record();
    expect(record).toMatchObject({
      ...way.record,
      ...usage,
      servedModel,
      provider,
      streaming: /\.(?:sse|ndjson)$/.test(file),
      estimated: false,
      status: 200,
      outcome: 'success',
      errorCode: null,
      ...expected,
    });
    // models on one's own machine have no price
    if (provider === 'ollama') expect(record.costUsd).toBeNull();
    else expect(record.costUsd).toBeGreaterThan(0);
  }

  async close(): Promise<void> {
    this.sent.close();
    // A client that had to reconnect may hold a connection it never used, which no server counts as idle.
    this.gateway.app.fastify.server.closeAllConnections();
    await this.gateway.close();
    await this.vendor.close();
  }
}

/** An authentication method, with its expected effects. */
export interface AuthMethodSetup {
  target: Target;
  /** The key that the provider must receive. */
  providerKey: string;
  /** Members of the expected record. */
  record: object;
}

export const AUTH_METHODS = ['a virtual key', 'a direct provider key'] as const;
export type AuthMethodName = (typeof AUTH_METHODS)[number];

/** A request as the provider received it. */
export class Arrived {
  constructor(private readonly seen: ReceivedRequest) {}

  get line(): string {
    return `${this.seen.method} ${this.seen.url}`;
  }

  get headers(): ReceivedRequest['headers'] {
    return this.seen.headers;
  }

  /** All headers that could carry a credential. */
  get credentials(): Record<string, unknown> {
    return Object.fromEntries(
      CREDENTIAL_HEADERS.filter((name) => name in this.seen.headers).map((name) => [name, this.seen.headers[name]]),
    );
  }

  get body(): Json {
    return JSON.parse(this.seen.body.toString());
  }
}
