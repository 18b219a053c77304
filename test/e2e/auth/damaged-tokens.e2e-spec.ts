/** Damaged identity tokens, and keys of another gateway: refused, and never sent to a provider. */
import { FakeIdp } from '../../support/oauth/fake-idp.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { everythingSent, FAMILIES, fromAnyone, startStage, type Stage } from '../../support/gateway/stage.js';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = part({ alg: 'RS256', kid: 'k1', typ: 'JWT' });
const CLAIMS = part({ iss: 'https://idp.example.com', sub: 'ann', aud: 'gatehouse' });
const SIGNATURE = 'c2lnbmF0dXJl'.repeat(4);

const DAMAGED: readonly [string, string][] = [
  ['without its header', `${CLAIMS}.${SIGNATURE}`],
  ['with an empty header', `.${CLAIMS}.${SIGNATURE}`],
  ['with a header cut at the front', `${HEADER.slice(3)}.${CLAIMS}.${SIGNATURE}`],
  ['without its signature', `${HEADER}.${CLAIMS}`],
  ['of claims alone', CLAIMS],
];
/** Its content is unreadable: it is recognized by its outline, and only where tokens are expected. */
const OUTLINE = `${HEADER.slice(3)}.${CLAIMS.slice(3)}.${SIGNATURE}`;

let stage: Stage;
let linkedProxyId: string;
let unlinkedProxyId: string;

let idp: FakeIdp;

beforeAll(async () => {
  stage = await startStage();
  idp = await FakeIdp.start();
  const provider = await stage.gateway.admin.create('/api/identity-providers', {
    providerId: 'company',
    issuer: idp.issuer,
    audiences: ['gatehouse'],
  });
  linkedProxyId = await stage.llmProxy({ identityProviderIds: [provider.id] });
  unlinkedProxyId = await stage.llmProxy();
}, 60_000);
afterAll(async () => {
  await stage.close();
  await idp.close();
});
beforeEach(() => stage.fake.forget());

describe.each(FAMILIES.map((family) => [family.id, family] as const))(
  'damaged credentials on the routes of %s',
  (id, family) => {
    it.each(DAMAGED)('a token %s gets 401 on every LLM proxy', async (_, token) => {
      for (const proxyId of [undefined, linkedProxyId, unlinkedProxyId]) {
        const answer = await stage.chat(family, [fromAnyone(), family.key(token)], { proxyId });
        expectRefusal(id, answer, { status: 401, code: 'credential_invalid' });
        expect(await stage.recordOf(answer)).toMatchObject({ auth_method: 'idp-jwt' });
      }
      expect(stage.fake.started).toBe(0);
    });

    it('a token-like value is rejected where identity providers are linked, and forwarded elsewhere', async () => {
      const refused = await stage.chat(family, [fromAnyone(), family.key(OUTLINE)], { proxyId: linkedProxyId });
      expectRefusal(id, refused, { status: 401, code: 'credential_invalid' });
      expect(await stage.recordOf(refused)).toMatchObject({ auth_method: 'idp-jwt' });
      expect(stage.fake.started).toBe(0);

      const passed = await stage.chat(family, [fromAnyone(), family.key(OUTLINE)], { proxyId: unlinkedProxyId });
      expect(passed.status).toBe(200);
      expect(everythingSent(stage.fake)).toContain(OUTLINE);
    });

    it('a token-like value is rejected beside a passthrough key too', async () => {
      const passthrough = await stage.virtualKey({ keyType: 'passthrough', providerApiKeys: [] });
      const headers = [fromAnyone(), family.key(OUTLINE), ['x-archestra-virtual-key', passthrough.value] as const];
      const refused = await stage.chat(family, headers, { proxyId: linkedProxyId });
      expectRefusal(id, refused, { status: 401, code: 'credential_invalid' });
      expect(stage.fake.started).toBe(0);
    });

    it('an archestra_ key gets 401 as an unknown virtual key', async () => {
      const answer = await stage.chat(family, [fromAnyone(), family.key(`archestra_${'0a'.repeat(16)}`)]);
      expectRefusal(id, answer, { status: 401, code: 'credential_invalid' });
      expect(await stage.recordOf(answer)).toMatchObject({ auth_method: 'virtual-key' });
      expect(stage.fake.started).toBe(0);
    });
  },
);

it('a header with an archestra_ key is not forwarded upstream', async () => {
  const [family] = FAMILIES;
  const archestra = `archestra_${'0a'.repeat(16)}`;
  const answer = await stage.chat(family!, [
    fromAnyone(),
    family!.key('sk-callers-own-0123456789'),
    ['x-other', archestra],
    ['x-third', `Bearer ${archestra}`],
  ]);
  expect(answer.status).toBe(200);
  expect(everythingSent(stage.fake)).not.toContain('archestra_');
});
