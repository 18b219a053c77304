/**
 * Promises of CONTRIBUTING.md: a provider is one file and one line, a detector likewise, a dialect is known to `providers`
 * and `translation` alone, and an authentication method is one strategy file and one line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../src/auth/methods/auth-method.js';
import { authTag, type Caller } from '../../src/auth/callers/caller.js';
import type { PresentedCredential } from '../../src/auth/credentials/presented-credential.js';
import { BUILT_IN_DETECTOR_IDS } from '../../src/detectors/registry.js';
import { FakeProvider, json } from '../support/providers/fake-provider.js';
import type { OrgId, ProviderKeyId } from '../../src/platform/ids.js';
import { DIALECT_IDS } from '../../src/providers/dialects/registry.js';
import { PROVIDERS } from '../../src/providers/registry.js';
import { startGateway, type TestGateway } from '../support/gateway/gateway.js';

/** The gateway's own copy of the package: strategies are registered with it. */
const { PassportStrategy } = (await importProgram('@nestjs/passport')) as typeof import('@nestjs/passport');

/** Files that may name vendors, and why. A new provider needs a row there only where it differs from the usual. */
const THEIRS = [
  // Bedrock hosts their models
  'translation/provider-formats/bedrock/',
  // the names of programs, some of which are vendors' SDKs
  'proxy/client-labels/',
  ...PROVIDERS.flatMap(({ id }) => [
    `providers/adapters/${id}.provider`,
    `providers/adapters/openai-compatible/${id}.provider`,
  ]),
];

/** Files outside `providers` and `translation` that may name a dialect, and why. */
const SURFACES_OF_DIALECTS: Readonly<Record<string, string>> = {
  'proxy/call/dialect-by-url.ts': "the Model Router serves paths of OpenAI's and of Anthropic's API",
  'proxy/client-labels/recognized-client.ts': 'names of SDKs begin with the name of their vendor',
};

const SRC = resolve(import.meta.dirname, '../../src');

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !/\.spec\.tsx?$/.test(file) && !file.startsWith('demo/'),
);
const text = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

describe('providers', () => {
  const list = text.get('providers/provider-list.ts')!;
  // These ids are also the names of dialects, which `providers` and `translation` mention.
  const dialects: ReadonlySet<string> = new Set(DIALECT_IDS);

  it.each(PROVIDERS.map(({ id }) => id))('the provider %s is one file and one line in the list', (id) => {
    expect(files.filter((file) => file.endsWith(`/${id}.provider.ts`))).toHaveLength(1);
    expect(list.match(new RegExp(`'\\./adapters/(?:openai-compatible/)?${id}\\.provider\\.js'`, 'g'))).toHaveLength(1);
    if (dialects.has(id)) return;
    const naming = files.filter((file) => text.get(file)!.includes(`'${id}'`));
    expect(naming.filter((file) => !THEIRS.some((known) => file.startsWith(known)))).toEqual([]);
  });
});

describe('dialects', () => {
  it('only providers and translation name dialects, and the files that have a reason', () => {
    const ids = DIALECT_IDS.join('|');
    // A literal, or a key of a table.
    const named = new RegExp(`['"\`](?:${ids})['"\`]|(?:^|[{,])\\s*(?:${ids}):\\s`, 'm');
    const naming = files.filter((file) => !/^(?:providers|translation)\//.test(file) && named.test(text.get(file)!));
    expect(naming.sort()).toEqual(Object.keys(SURFACES_OF_DIALECTS).sort());
  });
});

describe('detectors', () => {
  const aboutDetectors = files.filter((file) => /detector|guardrail/i.test(text.get(file)!));

  it.each(BUILT_IN_DETECTOR_IDS)('the detector %s is one file and one line in the registry', (id) => {
    const own = `detectors/${id.replaceAll('_', '-')}.detector`;
    expect(files).toContain(`${own}.ts`);
    // Ids of one word are also the names of members; in quotes they are ids.
    const named = id.includes('_') ? new RegExp(`\\b${id}\\b`) : new RegExp(`['"\`]${id}['"\`]`);
    const naming = aboutDetectors.filter(
      (file) => named.test(text.get(file)!) || text.get(file)!.includes(`/${own}.js`),
    );
    expect(naming.filter((file) => file !== `${own}.ts` && file !== 'detectors/registry.ts')).toEqual([]);
  });
});

describe('a sixth authentication method', () => {
  let gateway: TestGateway;
  let provider: FakeProvider;

  beforeAll(async () => {
    provider = await FakeProvider.start();
    gateway = await startGateway({ LLM_OPENAI_BASE_URL: `${provider.url}/v1` });
  });
  afterAll(async () => {
    await gateway.close();
    await provider.close();
  });

  it('an authentication method is one strategy that registers itself', async () => {
    provider.on('POST', '/v1/chat/completions', json(200, { id: 'x', model: 'gpt-5.4-mini', choices: [] }));
    const { id } = await gateway.admin.create('/api/llm-provider-api-keys', {
      name: 'k',
      provider: 'openai',
      apiKey: 'sk-stored-for-the-sixth',
      scope: 'org',
    });
    const { organization } = (await gateway.admin.get('/api/me')).body;

    class TicketStrategy extends PassportStrategy(CredentialStrategy, 'ticket') implements AuthMethod {
      override readonly name = 'ticket';
      readonly order = 50;
      readonly surfaces = ['provider-route'] as const;

      constructor(methods: AuthMethods) {
        super();
        methods.register(this);
      }

      owns({ value }: PresentedCredential): boolean {
        return value.startsWith('ticket_');
      }

      getCacheScope(): string {
        return '';
      }

      async validate(): Promise<Caller> {
        return {
          method: 'ticket',
          subject: { type: 'key-holder', fingerprint: 'ticket' },
          organizationId: organization.id as OrgId,
          scopes: new Set(['llm:proxy']),
          permissions: new Set(),
          keySource: { kind: 'bound', keys: new Map([['openai', id as ProviderKeyId]]) },
          proxyAccess: { proxyIds: null, teamIds: null },
          allowedModels: null,
          credentialId: 'ticket-1',
          expiresAt: null,
          tags: [authTag.organization(organization.id as string)],
        };
      }
    }
    new TicketStrategy(gateway.app.nest.get(AuthMethods));

    const answer = await fetch(`${gateway.url}/v1/openai/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer ticket_123', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.4-mini', messages: [] }),
    });
    expect(answer.status).toBe(200);
    expect(provider.received.at(-1)!.headers.authorization).toBe('Bearer sk-stored-for-the-sixth');
    await gateway.flushRecords();
    const { data } = (await gateway.admin.get('/api/interactions?authMethod=ticket')).body;
    expect(data).toHaveLength(1);
  });
});
