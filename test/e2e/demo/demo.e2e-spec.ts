import { gatehouse, started, type Outcome } from '../../support/gateway/gatehouse-command.js';
import { PageBrowser } from '../../support/oauth/page-browser.js';

const AUTH_METHODS = ['virtual-key', 'provider-key', 'oauth-client', 'oauth-user', 'idp-jwt'];
const VIRTUAL_KEY = /arch_(?!api_)[\w-]{49}/g;

describe('the demo', () => {
  let outcome: Outcome;

  beforeAll(async () => {
    // The demo must not touch a configured database.
    outcome = await gatehouse(['demo'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
  }, 60_000);

  it('the demo ends with exit code 0 and no error output', () => {
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  });

  it('the demo shows each authentication method with each vendor, whole and streamed', () => {
    for (const method of AUTH_METHODS) expect(outcome.stdout).toContain(`recorded as   ${method}: `);
    const rows = [
      ...outcome.stdout.matchAll(/^ +(openai|anthropic|gemini) +\S+ +(whole|streamed) +200 .* (\d\.\d{6}) +\d+$/gm),
    ];
    expect(rows.map(([, vendor, answer]) => `${vendor} ${answer}`)).toEqual(
      [...AUTH_METHODS, 'the Model Router'].flatMap(() =>
        ['openai', 'anthropic', 'gemini'].flatMap((vendor) => [`${vendor} whole`, `${vendor} streamed`]),
      ),
    );
    for (const row of rows) expect(Number(row[3])).toBeGreaterThan(0);
  });

  it("the demo shows the models of all vendors in OpenAI's format on the Model Router", () => {
    expect(outcome.stdout).toContain(
      'models asked  openai:gpt-5.4, anthropic:claude-opus-5-5, gemini:gemini-2.5-flash',
    );
    expect(outcome.stdout.match(/^ +(?:anthropic|gemini) +chat\/completions +(?:whole|streamed) +200 /gm)).toHaveLength(
      4,
    );
  });

  it("the demo shows which keys were used, a user's own before the company's", () => {
    expect([...outcome.stdout.matchAll(/^ +keys used +(.*)$/gm)].map(([, keys]) => keys)).toEqual([
      'OpenAI of the company, Anthropic of the company, Gemini of the company',
      'the one that the caller sent',
      'OpenAI of the company, Anthropic of the company, Gemini of the company',
      'OpenAI of the company, Anthropic of Ada, Gemini of the company',
      'OpenAI of the company, Anthropic of Ada, Gemini of the company',
      'OpenAI of the company, Anthropic of the company, Gemini of the company',
    ]);
  });

  it('the demo shows a user signing in on the pages', () => {
    expect(outcome.stdout).toMatch(/came by +Choose a password → Your password is set → Sign in → Allow this app\?/);
    expect(outcome.stdout).toContain('oauth-user: ada@demo.example, through the app "Notebook"');
  });

  it("the demo authenticates a user by a token of the company's identity provider", () => {
    expect(outcome.stdout).toMatch(/recorded as +idp-jwt: ada@demo\.example$/m);
  });

  it('the demo shows a refusal with the message for the client', () => {
    expect(outcome.stdout).toMatch(/^ +anthropic +v1\/messages +whole +400 /m);
    expect(outcome.stdout).toContain('provider_not_mapped');
    expect(outcome.stdout).toContain('client told');
  });

  it('the output of the demo fits a terminal of 100 columns', () => {
    expect(outcome.stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('the demo prints one virtual key and no other secret', () => {
    expect(new Set(outcome.stdout.match(VIRTUAL_KEY)).size).toBe(1);
    expect(outcome.stdout).not.toMatch(/arch_api_|llm_(?:secret|at|ut|rt)_|sk-demo|, password/);
  });
});

describe('gatehouse demo --stay', () => {
  it('the demo with --stay serves the printed key and address until it is stopped', async () => {
    const demo = await started(['demo', '--stay'], {}, /Ctrl\+C/);
    const output = demo.output();
    const url = /curl (\S+)/.exec(output)![1]!;
    const chat = (): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${output.match(VIRTUAL_KEY)![0]}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Hello?' }] }),
      });
    const response = await chat();
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('x-gateway-cost-usd'))).toBeGreaterThan(0);
    const [, email, password] = /A member +(\S+), password (\S+)$/m.exec(output)!;
    const browser = new PageBrowser(/Your account +(\S+)\/account$/m.exec(output)![1]!);
    const signIn = await browser.go('/account/sign-in');
    const { url: account } = await browser.submit(signIn, { email: email!, password: password! });
    expect(account.pathname).toBe('/account');
    expect(await demo.stop()).toBe(0);
    await expect(chat()).rejects.toThrow();
  }, 60_000);
});
