import { AdminClient } from '../../support/http/admin-client.js';
import {
  createDataDir,
  encryptionKey,
  gatehouse,
  started,
  type Outcome,
  type RunningCommand,
} from '../../support/gateway/gatehouse-command.js';

const KEY = encryptionKey();
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

describe('gatehouse create-organization', () => {
  let place: Awaited<ReturnType<typeof createDataDir>>;
  let tooEarly: Outcome;
  let created: Outcome;
  let server: RunningCommand;
  let admin: AdminClient;

  const create = (slug: string, email: string, name = 'Acme'): Promise<Outcome> =>
    gatehouse(['create-organization', '--name', name, '--slug', slug, '--owner-email', email], place.at(KEY));

  beforeAll(async () => {
    place = await createDataDir({ isEmpty: true });
    tooEarly = await create('acme', 'ann@acme.example');
    const first = await started(['start'], place.at(KEY), /listening/);
    await first.stop();
    created = await create('acme', 'Ann@Acme.example');
  }, 120_000);

  afterAll(async () => {
    await server?.stop();
    place.remove();
  });

  it('create-organization refuses a database before the first start', () => {
    expect(tooEarly).toMatchObject({ code: 1, stdout: '' });
    expect(tooEarly.stderr).toContain('Start the gateway once');
  });

  it("create-organization prints the owner's invitation link once and the base URL for clients", () => {
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout.match(/\/auth\/set-password\?token=[\w-]{43}\n/g)).toHaveLength(1);
    expect(created.stdout).toContain('ann@acme.example');
    expect(created.stdout).toMatch(new RegExp(`${place.url}/v1/<provider>/${UUID}\n`));
  });

  it('create-organization names a slug or e-mail address in use and creates nothing', async () => {
    const slug = await create('acme', 'bob@acme.example');
    expect(slug).toEqual({ code: 1, stdout: '', stderr: 'This slug is taken. Choose another one.\n' });
    const email = await create('acme-2', 'OWNER@example.com');
    expect(email).toMatchObject({ code: 1, stdout: '' });
    expect(email.stderr).toMatch(/e-mail address already exists/);
    expect((await create('acme-2', 'bob@acme.example')).code).toBe(0);
  }, 120_000);

  it.each([
    ['an invalid slug', ['--name', 'Acme', '--slug', 'Acme!', '--owner-email', 'ann@acme.example'], /slug/],
    ['an invalid e-mail address', ['--name', 'Acme', '--slug', 'acme', '--owner-email', 'ann'], /e-mail/],
    ['a blank name', ['--name', ' ', '--slug', 'acme', '--owner-email', 'ann@acme.example'], /name/],
    ['a missing option', ['--name', 'Acme', '--slug', 'acme'], /--owner-email/],
  ])('create-organization exits with code 2 for %s', async (_, options, complaint) => {
    const outcome = await gatehouse(['create-organization', ...options], place.at(KEY));
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(complaint);
  });

  it('the first organization sees neither proxies nor users of the new one', async () => {
    server = await started(['start'], place.at(KEY), /listening/);
    admin = new AdminClient(place.url, place.adminKey);
    const me = await admin.get('/api/me');
    expect(me.body.organization.slug).toBe('default');
    const proxyId = new RegExp(`/v1/<provider>/(${UUID})`).exec(created.stdout)![1]!;
    expect((await admin.get(`/api/llm-proxies/${proxyId}`)).status).toBe(404);
    expect((await admin.patch(`/api/llm-proxies/${proxyId}`, { name: 'ours' })).status).toBe(404);
    const users = await admin.get('/api/users');
    expect(users.body.data.map(({ email }: { email: string }) => email)).toEqual(['owner@example.com']);
  }, 60_000);

  it('keys of the first organization get 403 at the LLM proxy of the new one', async () => {
    const proxyId = new RegExp(`/v1/<provider>/(${UUID})`).exec(created.stdout)![1]!;
    const { id } = await admin.create('/api/llm-provider-api-keys', {
      name: 'one',
      provider: 'openai',
      apiKey: 'sk-0123456789abcdef',
    });
    const { value } = await admin.create('/api/llm-virtual-keys', {
      name: 'client',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: id }],
    });
    const response = await fetch(`${place.url}/v1/openai/${proxyId}/models`, {
      headers: { authorization: `Bearer ${value}` },
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'proxy_not_allowed' } });
  });
});
