import { ConsentPage, type ConsentPageProps } from './consent.page.js';
import { renderPage } from './http/render-page.js';

const props: ConsentPageProps = {
  action: '/oauth/consent/uid',
  csrf: 'c',
  client: {
    ...{ name: 'Notebook', host: 'app.example', isSelfRegistered: false, isLoopbackOnly: false },
    ...{ imitatesProduct: false, registration: null },
  },
  organizationName: 'Acme Research',
  user: { email: 'ada@acme.example' },
  scopes: [{ name: 'llm:proxy', meaning: 'Call language models' }],
  billing: ['Calls are billed to your personal key for OpenAI'],
  duration: 'For 90 days',
};

const render = (change: Partial<ConsentPageProps> = {}): string => renderPage(<ConsentPage {...props} {...change} />);

describe('the consent page', () => {
  it('the consent page shows app, host, scopes, user, organization, billing and duration', () => {
    const html = render();
    const said = ['Notebook', 'app.example', 'Call language models', 'llm:proxy', 'ada@acme.example', 'Acme Research'];
    for (const text of [...said, 'billed to your personal key for OpenAI', 'For 90 days']) expect(html).toContain(text);
    expect(html).not.toMatch(/Not verified|Runs on this computer|Use another account/);
  });

  it('the consent page has one form with the buttons allow and deny', () => {
    const buttons = [...render().matchAll(/<button ([^>]*)>/g)].map((match) => match[1]);
    expect(buttons).toEqual([
      'type="submit" name="decision" value="allow" class="primary"',
      'type="submit" name="decision" value="deny"',
    ]);
  });

  it('the consent page warns of self-registered and loopback apps', () => {
    const client = { ...props.client, host: '127.0.0.1', isSelfRegistered: true, isLoopbackOnly: true };
    const html = render({ client });
    expect(html).toContain('Not verified by your organization');
    expect(html).toContain('Runs on this computer');
    expect(html).toContain('this computer (127.0.0.1)');
  });

  it('the consent page shows a valid home address of an app as text only', () => {
    expect(render({ client: { ...props.client, uri: 'https://home.example/app' } })).toContain('home.example/app');
    for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'nonsense']) {
      expect(render({ client: { ...props.client, uri } })).not.toContain('Home page, as stated by the app');
    }
    expect(render({ client: { ...props.client, uri: 'https://home.example' } })).not.toContain('<a ');
  });

  it('the consent page shows who registered an organization’s app, and when', () => {
    const at = new Date('2026-03-12T14:20:00Z');
    const by = { name: 'Grace', email: 'grace@acme.example' };
    const html = render({ client: { ...props.client, registration: { by, at } } });
    expect(html).toContain('Registered by');
    for (const text of ['Grace (grace@acme.example)', '12 Mar 2026']) expect(html).toContain(`<bdi>${text}</bdi>`);
    const gone = render({ client: { ...props.client, registration: { by: null, at } } });
    expect(gone).toContain('a person who has left the organization');
    expect(render()).not.toContain('Registered');
  });

  it('the consent page warns of admin:write and of names that imitate the product', () => {
    const admin = render({ scopes: [{ name: 'admin:write', meaning: 'Change' }] });
    expect(admin).toContain('Asks to administer your organization');
    expect(admin).toContain('<bdi class="name">Acme Research</bdi>');
    expect(render({ scopes: [{ name: 'admin:read', meaning: 'Read' }] })).not.toContain('Asks to administer');
    expect(render({ client: { ...props.client, imitatesProduct: true } })).toContain('Not part of Gatehouse');
    expect(render()).not.toMatch(/Not part of Gatehouse|Asks to administer/);
  });

  it('the consent page isolates names by bdi elements', () => {
    const name = 'App \u202e';
    expect(render({ client: { ...props.client, name } })).toContain(`<bdi>${name}</bdi>`);
  });

  it('the consent page offers to switch the user by the same form', () => {
    expect(render({ switchUserAction: '/oauth/consent/uid/switch' })).toContain(
      '<button type="submit" class="link" formaction="/oauth/consent/uid/switch">',
    );
  });
});
