/**
 * Where a credential may be sent, which of several applies, and that no credential of the gateway ever reaches a
 * provider.
 */
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import {
  everythingSent,
  FAMILIES,
  familyOf,
  fromAnyone,
  startStage,
  storedSecret,
} from '../../support/gateway/stage.js';
import type { Family, Stage, VirtualKey } from '../../support/gateway/stage.js';
import type { HeaderList, WireResponse } from '../../support/http/wire-client.js';

const OWN = 'sk-callers-own-0123456789';
const OTHER = 'sk-quite-another-9876543210';
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${encoded({ alg: 'RS256' })}.${encoded({ iss: 'https://idp.example' })}.c2lnbmF0dXJl`;

const openai = familyOf('openai');
const anthropic = familyOf('anthropic');
const gemini = familyOf('gemini');

describe('credentials', () => {
  let stage: Stage;
  let key: VirtualKey;
  let second: VirtualKey;

  beforeAll(async () => {
    stage = await startStage();
    key = await stage.virtualKey();
    second = await stage.virtualKey();
  }, 60_000);
  afterAll(() => stage.close());
  beforeEach(() => stage.fake.forget());
  afterEach(() => {
    const sent = everythingSent(stage.fake);
    expect(sent).not.toMatch(/(?<![A-Za-z])(?:arch_|llm_)/);
    for (const part of JWT.split('.')) expect(sent).not.toContain(part);
  });

  const call = (family: Family, headers: HeaderList, query = ''): Promise<WireResponse> =>
    stage.chat(family, [fromAnyone(), ...headers], { path: family.path + query });

  /** Replaces `$KEY`, `$SECOND` and similar by values that the suite creates. */
  const filled = (text: string): string =>
    text.replaceAll('$KEY', key.value).replaceAll('$SECOND', second.value).replaceAll('$JWT', JWT);
  const filledHeaders = (headers: HeaderList): HeaderList =>
    headers.map(([name, value]) => [name, filled(value)] as const);

  describe.each(FAMILIES)('$id', (family) => {
    it.each<[string, HeaderList]>([
      ['Authorization: Bearer', [['Authorization', 'Bearer $KEY']]],
      ['in lower case', [['authorization', 'bearer $KEY']]],
      ['with many spaces', [['authorization', '   BEARER    $KEY   ']]],
      ['without the word Bearer', [['authorization', '$KEY']]],
      ['x-api-key', [['X-Api-Key', '$KEY']]],
      ['x-goog-api-key', [['x-goog-api-key', '$KEY']]],
      ['api-key', [['api-key', ' $KEY ']]],
      [
        'the same in all headers',
        [
          ['authorization', 'Bearer $KEY'],
          ['x-api-key', '$KEY'],
          ['x-goog-api-key', '$KEY'],
          ['api-key', '$KEY'],
        ],
      ],
      [
        'the same in two lines',
        [
          ['authorization', 'Bearer $KEY'],
          ['Authorization', 'bearer $KEY'],
        ],
      ],
      [
        'an empty header beside it',
        [
          ['x-api-key', ''],
          ['authorization', 'Bearer $KEY'],
          ['api-key', ' '],
        ],
      ],
      [
        'an empty Authorization beside it',
        [
          ['authorization', ''],
          ['x-api-key', '$KEY'],
        ],
      ],
      [
        'a bare word Bearer beside it',
        [
          ['authorization', 'Bearer'],
          ['x-api-key', '$KEY'],
        ],
      ],
    ])('a virtual key is accepted: %s', async (_, headers) => {
      expect((await call(family, filledHeaders(headers))).status).toBe(200);
      const [name, value] = family.key(storedSecret(family.id));
      expect(stage.fake.received[0]!.headers[name]).toBe(value);
    });

    it('the caller’s provider key is forwarded in the vendor’s header, whichever header it came in', async () => {
      for (const header of ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']) {
        stage.fake.forget();
        expect((await call(family, [[header, OWN]])).status).toBe(200);
        const [name, value] = family.key(OWN);
        const credentials = Object.entries(stage.fake.received[0]!.headers).filter(([, sent]) =>
          String(sent).includes(OWN),
        );
        expect(credentials).toEqual([[name, value]]);
      }
    });

    it.each<[string, HeaderList]>([
      [
        'two Authorization lines',
        [
          ['authorization', `Bearer ${OWN}`],
          ['authorization', `Bearer ${OTHER}`],
        ],
      ],
      [
        'two Authorization lines, one with a virtual key',
        [
          ['authorization', `Bearer ${OWN}`],
          ['authorization', 'Bearer $KEY'],
        ],
      ],
      [
        'two x-api-key lines',
        [
          ['x-api-key', OWN],
          ['x-api-key', OTHER],
        ],
      ],
      [
        'x-api-key and x-goog-api-key',
        [
          ['x-api-key', OWN],
          ['x-goog-api-key', OTHER],
        ],
      ],
      [
        'x-goog-api-key and x-api-key',
        [
          ['x-goog-api-key', OTHER],
          ['x-api-key', OWN],
        ],
      ],
      [
        'api-key and Authorization',
        [
          ['api-key', OWN],
          ['authorization', `Bearer ${OTHER}`],
        ],
      ],
      [
        'two virtual keys',
        [
          ['api-key', '$KEY'],
          ['authorization', 'Bearer $SECOND'],
        ],
      ],
      [
        'a virtual key and a provider key',
        [
          ['api-key', '$KEY'],
          ['authorization', `Bearer ${OWN}`],
        ],
      ],
      [
        'two X-Archestra-Virtual-Key lines',
        [
          ['authorization', OWN],
          ['x-archestra-virtual-key', '$KEY'],
          ['x-archestra-virtual-key', '$SECOND'],
        ],
      ],
    ])('a call with different credentials is rejected with credential_conflict: %s', async (_, headers) => {
      expectRefusal(family.id, await call(family, filledHeaders(headers)), {
        status: 400,
        code: 'credential_conflict',
      });
      expect(stage.fake.started).toBe(0);
    });

    it.each<[string, HeaderList, string]>([
      ['Basic', [['authorization', `Basic ${Buffer.from('user:pass').toString('base64')}`]], 'method_not_accepted'],
      ['Basic with a virtual key', [['authorization', 'Basic $KEY']], 'method_not_accepted'],
      ['Digest', [['authorization', 'Digest username="a", realm="b"']], 'method_not_accepted'],
      [
        'a SigV4 signature',
        [
          [
            'authorization',
            'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=0f',
          ],
        ],
        'method_not_accepted',
      ],
      ['an unknown scheme', [['authorization', 'Token $KEY']], 'method_not_accepted'],
      ['Bearer twice', [['authorization', 'Bearer Bearer $KEY']], 'credential_invalid'],
      ['a tab in front', [['authorization', 'Bearer \t$KEY x']], 'credential_invalid'],
      ['a tab for a space', [['authorization', 'Bearer\t$KEY']], 'credential_invalid'],
      ['a tab inside', [['authorization', 'Bearer x\t$KEY']], 'credential_invalid'],
      ['a comma list', [['authorization', 'Bearer $KEY, Bearer $SECOND']], 'credential_invalid'],
      ['a comma list of a provider key and a virtual key', [['x-api-key', `${OWN},$KEY`]], 'credential_invalid'],
      ['a comma list without spaces', [['authorization', 'Bearer $KEY,$KEY']], 'credential_invalid'],
      ['quotes around it', [['authorization', 'Bearer "$KEY"']], 'credential_invalid'],
      ['single quotes around it', [['x-api-key', "'$KEY'"]], 'credential_invalid'],
      ['a no-break space in front', [['authorization', 'Bearer \xa0x\xa0$KEY']], 'credential_invalid'],
      ['a next-line character in front', [['authorization', 'Bearer \x85$KEY']], 'credential_invalid'],
      ['a soft hyphen in front', [['x-api-key', '\xad$KEY']], 'credential_invalid'],
      ['a colon after Bearer', [['authorization', 'Bearer:$KEY']], 'credential_invalid'],
      ['an equals sign after Bearer', [['authorization', 'Bearer=$KEY']], 'credential_invalid'],
      ['braces around it', [['authorization', 'Bearer {$KEY}']], 'credential_invalid'],
      ['a colon after Bearer and a JWT', [['authorization', 'Bearer:$JWT']], 'credential_invalid'],
      ['angle brackets around a JWT', [['authorization', 'Bearer <$JWT>']], 'credential_invalid'],
      ['quotes around a JWT', [['x-api-key', '"$JWT"']], 'credential_invalid'],
      ['a JWT', [['authorization', 'Bearer $JWT']], 'credential_invalid'],
      ['a JWT in x-api-key', [['x-api-key', '$JWT']], 'credential_invalid'],
      ['a JWT with empty segments', [['authorization', `Bearer ${encoded({ alg: 'none' })}..`]], 'credential_invalid'],
      ['a JWT with an empty header', [['authorization', `Bearer ${encoded({})}..c2ln`]], 'credential_invalid'],
      [
        'a JWE of five segments',
        [['authorization', `Bearer ${encoded({ alg: 'dir', enc: 'A256GCM' })}..aXY.Y3Q.dGFn`]],
        'credential_invalid',
      ],
      [
        'a JWT whose header begins with a space',
        [['authorization', `Bearer ${Buffer.from(' {"alg":"none"}').toString('base64url')}.e30.`]],
        'credential_invalid',
      ],
      ['an admin API key', [['x-goog-api-key', mintToken('arch_api_').expose()]], 'method_not_accepted'],
    ])('a credential of the form "%s" is rejected with 401', async (_, headers, code) => {
      expectRefusal(family.id, await call(family, filledHeaders(headers)), { status: 401, code });
      expect(stage.fake.started).toBe(0);
    });

    it.each([
      ['in any parameter', '?token=$KEY'],
      ['in the value of a value', '?a=b=$KEY'],
      ['in a name', '?$KEY=1'],
      ['alone', '?$KEY'],
      ['after Bearer', '?authorization=Bearer%20$KEY'],
      ['after Bearer and a plus', '?authorization=Bearer+$KEY'],
      ['escaped', '?token=%61rch%5F$REST'],
      ['in the second parameter', '?alt=sse&api_key=$KEY'],
      ['a JWT', '?access_token=$JWT'],
      ['an escaped JWT', '?access_token=%65$JWTREST'],
      ['a client token', `?t=${mintToken('llm_at_').expose()}`],
      ['the prefix of a refresh token', '?t=llm_rt_x'],
    ])('a gateway credential in the query is rejected with credential_wrong_header: %s', async (_, query) => {
      const text = filled(query.replace('$REST', key.value.slice(5)).replace('$JWTREST', JWT.slice(1)));
      const answer = await call(family, [family.key(OWN)], text);
      expectRefusal(family.id, answer, { status: 400, code: 'credential_wrong_header' });
      expect(stage.fake.started).toBe(0);
    });

    it.each(['models/$KEY', '$KEY/models', 'models/%61rch%5F$REST', 'models/$JWT'])(
      'a gateway credential in the path is rejected and not recorded: %s',
      async (path) => {
        const text = filled(path.replace('$REST', key.value.slice(5)));
        const answer = await stage.wire.call('GET', `/v1/${family.id}/${text}`, [fromAnyone(), family.key(OWN)]);
        expectRefusal(family.id, answer, { status: 400, code: 'credential_wrong_header' });
        expect(stage.fake.started).toBe(0);
        expect((await stage.recordOf(answer)).path).toBe('');
      },
    );

    it('gateway credentials in unrelated headers are dropped, and other headers are forwarded', async () => {
      const strays: HeaderList = filledHeaders([
        ['x-auth-token', '$KEY'],
        ['x-token', 'Bearer $KEY'],
        ['x-list', 'a, $KEY'],
        ['x-quoted', '"$KEY"'],
        ['sec-websocket-protocol', 'openai-insecure-api-key.$KEY'],
        ['authentication', 'bearer   $KEY'],
        ['x-amzn-oidc-data', '$JWT'],
        ['x-ms-token', 'Bearer $JWT'],
        ['x-short', 'llm_at_abc'],
        ['proxy-authorization', 'Bearer $KEY'],
        ['cookie', 'session=$KEY'],
        ['x-archestra-anything', '$KEY'],
        ['x-forwarded-access-token', '$JWT'],
        ['forwarded', 'for=1.2.3.4'],
        ['x-real-ip', '1.2.3.4'],
      ]);
      const kept: HeaderList = [
        ['x-vendor-new', 'search_parameters-and-more.of.it'],
        ['user-agent', 'OpenAI/Python 1.2.3 (eyes.on.it)'],
        ['openai-organization', 'org-1'],
        ['anthropic-beta', 'tools-2024-04-04,eyes-2026.01.02'],
        ['x-goog-api-client', 'gl-node/20.1.2 grpc/1.2.3'],
        ['baggage', 'llm=1,architecture=arm64'],
      ];
      expect((await call(family, [family.key(OWN), ...strays, ...kept])).status).toBe(200);
      const { headers } = stage.fake.received[0]!;
      for (const [name] of [...strays, ['x-forwarded-for']]) expect(headers[name]).toBeUndefined();
      for (const [name, value] of kept) expect(headers[name]).toBe(value);
    });
  });

  it('x-api-key takes precedence over Authorization on Anthropic routes', async () => {
    for (const authorization of [`Bearer ${OTHER}`, `Bearer ${key.value}`]) {
      stage.fake.forget();
      expect(
        (
          await call(anthropic, [
            ['authorization', authorization],
            ['x-api-key', OWN],
          ])
        ).status,
      ).toBe(200);
      expect(stage.fake.received[0]!.headers).toMatchObject({ 'x-api-key': OWN });
      expect(stage.fake.received[0]!.headers.authorization).toBeUndefined();
    }
    const answer = await call(anthropic, [
      ['authorization', `Bearer ${OWN}`],
      ['x-api-key', mintToken('arch_').expose()],
    ]);
    expectRefusal('anthropic', answer, { status: 401, code: 'credential_invalid' });
  });

  it('an Anthropic subscription token is forwarded as a bearer token', async () => {
    expect((await call(anthropic, [['authorization', 'Bearer sk-ant-oat01-token']])).status).toBe(200);
    expect(stage.fake.received[0]!.headers).toMatchObject({ authorization: 'Bearer sk-ant-oat01-token' });
    expect(stage.fake.received[0]!.headers['x-api-key']).toBeUndefined();
  });

  describe('the query parameter key on Gemini routes', () => {
    it.each([
      ['plain', '?key=$KEY'],
      ['after another', '?alt=json&key=$KEY'],
      ['before another', '?key=$KEY&alt=json'],
      ['twice the same', '?key=$KEY&key=$KEY'],
      ['a space in front', '?key=%20$KEY'],
      ['a plus in front', '?key=+$KEY'],
      ['escaped', '?key=%61rch_$REST'],
      ['its name escaped', '?%6Bey=$KEY'],
      ['all of its name escaped', '?alt=json&%6b%65%79=$KEY'],
      ['empty and again', '?key=&key=$KEY'],
    ])('a virtual key in ?key= is accepted on Gemini routes and not forwarded: %s', async (_, query) => {
      expect((await call(gemini, [], filled(query.replace('$REST', key.value.slice(5))))).status).toBe(200);
      const [{ url, headers }] = stage.fake.received as [Stage['fake']['received'][0]];
      expect(url).toBe(query.includes('alt=json') ? `${gemini.upstreamPath}?alt=json` : gemini.upstreamPath);
      expect(headers['x-goog-api-key']).toBe(storedSecret('gemini'));
    });

    it('a provider key in ?key= is forwarded as x-goog-api-key', async () => {
      expect((await call(gemini, [], `?key=${OWN}&%24alt=json;enum-encoding%3Dint`)).status).toBe(200);
      expect(stage.fake.received[0]).toMatchObject({
        url: `${gemini.upstreamPath}?%24alt=json;enum-encoding%3Dint`,
        headers: { 'x-goog-api-key': OWN },
      });
    });

    it('a ?key= that differs from a header is rejected with credential_conflict', async () => {
      expect((await call(gemini, [['x-goog-api-key', OWN]], `?key=${OWN}`)).status).toBe(200);
      for (const [headers, query] of [
        [[['x-goog-api-key', OWN]], `?key=${OTHER}`],
        [[], `?key=${OWN}&key=${OTHER}`],
        [[['authorization', `Bearer ${OTHER}`]], `?key=${key.value}`],
      ] as [HeaderList, string][]) {
        expectRefusal('gemini', await call(gemini, headers, query), { status: 400, code: 'credential_conflict' });
      }
    });

    it.each([
      '?key=%00$KEY',
      '?key=%E2%80%8B$KEY',
      '?key=%C2%AD$KEY',
      '?key=%22$KEY%22',
      '?key=a%20$KEY',
      '?key=$JWT',
      '?key=x,$KEY',
      '?key=Bearer%20$KEY',
    ])('an invalid ?key= is rejected with 401 credential_invalid: %s', async (query) => {
      expectRefusal('gemini', await call(gemini, [], filled(query)), { status: 401, code: 'credential_invalid' });
      expect(stage.fake.started).toBe(0);
    });

    it('a ?key= on other routes is ignored, or rejected if it is a virtual key', async () => {
      expectRefusal('openai', await call(openai, [], `?key=${OWN}`), { status: 401, code: 'credential_missing' });
      expectRefusal('openai', await call(openai, [], `?key=${key.value}`), {
        status: 400,
        code: 'credential_wrong_header',
      });
    });
  });

  describe('passthrough keys', () => {
    let passthrough: VirtualKey;
    let owner: { id: string };
    beforeAll(async () => {
      owner = await stage.person('member');
      passthrough = await stage.virtualKey({ keyType: 'passthrough', providerApiKeys: undefined, ownerId: owner.id });
    });
    const beside = (value: string): readonly [string, string] => ['X-Archestra-Virtual-Key', value];

    it.each(FAMILIES)('a passthrough key names the user of a call with a provider key: $id', async (family) => {
      const answer = await call(family, [family.key(OWN), beside(passthrough.value)]);
      expect(answer.status).toBe(200);
      const [name, value] = family.key(OWN);
      expect(stage.fake.received[0]!.headers[name]).toBe(value);
      expect(await stage.recordOf(answer)).toMatchObject({
        auth_method: 'provider-key',
        virtual_key_id: passthrough.id,
        user_id: owner.id,
        provider_key_id: null,
      });
    });

    it.each<[string, () => HeaderList, number, string]>([
      ['in Authorization', () => [['authorization', `Bearer ${passthrough.value}`]], 400, 'credential_wrong_header'],
      ['in x-api-key', () => [['x-api-key', passthrough.value]], 400, 'credential_wrong_header'],
      [
        'in both headers',
        () => [['x-api-key', passthrough.value], beside(passthrough.value)],
        400,
        'credential_wrong_header',
      ],
      ['alone', () => [beside(passthrough.value)], 401, 'credential_missing'],
      ['if unknown', () => [['x-api-key', OWN], beside(mintToken('arch_').expose())], 401, 'credential_invalid'],
      [
        'replaced by a standard virtual key',
        () => [['x-api-key', OWN], beside(key.value)],
        400,
        'credential_wrong_header',
      ],
      [
        'replaced by an admin API key',
        () => [['x-api-key', OWN], beside(stage.gateway.adminKey)],
        401,
        'credential_invalid',
      ],
      ['replaced by a provider key', () => [['x-api-key', OWN], beside(OTHER)], 400, 'credential_wrong_header'],
      ['replaced by a JWT', () => [['x-api-key', OWN], beside(JWT)], 400, 'credential_wrong_header'],
      [
        'replaced by a user token',
        () => [['x-api-key', OWN], beside(mintToken('llm_ut_').expose())],
        400,
        'credential_wrong_header',
      ],
      [
        'beside another user’s virtual key',
        () => [['x-api-key', key.value], beside(passthrough.value)],
        401,
        'credential_invalid',
      ],
      ['beside a JWT', () => [['x-api-key', JWT], beside(passthrough.value)], 401, 'credential_invalid'],
    ])('a passthrough key is rejected %s', async (_, headers, status, code) => {
      for (const family of [openai, gemini]) {
        const answer = await call(family, headers());
        expectRefusal(family.id, answer, { status, code });
        expect(stage.fake.started).toBe(0);
      }
    });

    it('a rejected passthrough key names the header to use', async () => {
      expect((await call(openai, [['authorization', passthrough.value]])).json.error.message).toMatch(
        /x-archestra-virtual-key/i,
      );
      expect((await call(openai, [['api-key', OWN], beside(key.value)])).json.error.message).toMatch(
        /where the provider's key would go/,
      );
    });

    it('a passthrough key is accepted beside a virtual key of the same user', async () => {
      const same = await stage.virtualKey({ ownerId: owner.id });
      const answer = await call(openai, [['authorization', same.value], beside(passthrough.value)]);
      expect(answer.status).toBe(200);
      expect(await stage.recordOf(answer)).toMatchObject({
        auth_method: 'virtual-key',
        virtual_key_id: same.id,
        user_id: owner.id,
      });
    });

    it('a passthrough key ends with its revocation and with its user', async () => {
      const mine = await stage.virtualKey({ keyType: 'passthrough', providerApiKeys: undefined });
      const leaving = await stage.person('member');
      const theirs = await stage.virtualKey({
        keyType: 'passthrough',
        providerApiKeys: undefined,
        ownerId: leaving.id,
      });
      for (const { value } of [mine, theirs])
        expect((await call(openai, [['api-key', OWN], beside(value)])).status).toBe(200);
      expect((await stage.gateway.admin.post(`/api/llm-virtual-keys/${mine.id}/revoke`)).status).toBe(200);
      expect((await stage.gateway.admin.post(`/api/users/${leaving.id}/disable`)).status).toBe(200);
      for (const { value } of [mine, theirs]) {
        expectRefusal('openai', await call(openai, [['api-key', OWN], beside(value)]), {
          status: 401,
          code: 'credential_invalid',
        });
      }
    });

    it('a passthrough key keeps its restrictions on models, LLM proxies and teams', async () => {
      const narrow = await stage.virtualKey({
        keyType: 'passthrough',
        providerApiKeys: undefined,
        allowedModels: ['nothing'],
      });
      expectRefusal('openai', await call(openai, [['api-key', OWN], beside(narrow.value)]), {
        status: 403,
        code: 'policy_denied',
      });
      const proxyId = await stage.llmProxy({ allowDirectKeys: false });
      const closed = await stage.chat(openai, [fromAnyone(), ['api-key', OWN], beside(passthrough.value)], { proxyId });
      expectRefusal('openai', closed, { status: 403, code: 'direct_keys_disabled' });
      const team = await stage.gateway.admin.create('/api/teams', { name: 'Elite' });
      const teamProxy = await stage.llmProxy({ teamIds: [team.id] });
      const barred = await stage.chat(openai, [fromAnyone(), ['api-key', OWN], beside(passthrough.value)], {
        proxyId: teamProxy,
      });
      expectRefusal('openai', barred, { status: 403, code: 'proxy_not_allowed' });
    });
  });

  it('no credential is written to the log or the records', async () => {
    await stage.gateway.flushRecords();
    const written = JSON.stringify(await stage.sql('SELECT * FROM interaction')) + stage.gateway.log.join('');
    for (const secret of [OWN, OTHER, key.value, second.value, key.value.slice(5), JWT])
      expect(written.includes(secret)).toBe(false);
  });
});
