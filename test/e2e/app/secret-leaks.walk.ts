/** Walks over all surfaces with marked secrets, with valid and invalid requests; stores every response. */
import type { FakeProvider } from '../../support/providers/fake-provider.js';
import { events, json } from '../../support/providers/fake-provider.js';
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import type { Json } from '../../support/http/admin-client.js';
import { FAMILIES, familyOf, fromAnyone, type Stage } from '../../support/gateway/stage.js';
import type { HeaderList, WireResponse } from '../../support/http/wire-client.js';
import { marked, type Marks } from '../../support/gateway/marked-secrets.js';

const KEYS = '/api/llm-provider-api-keys';
const VIRTUAL = '/api/llm-virtual-keys';
const openai = familyOf('openai');
const gemini = familyOf('gemini');
const anthropic = familyOf('anthropic');

export interface CapturedResponse {
  what: string;
  status: number;
  text: string;
}

export class Walk {
  readonly answers: CapturedResponse[] = [];
  /** Responses that show a secret once, as promised. */
  readonly once: CapturedResponse[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly marks: Marks,
  ) {}

  /** Calls the admin API; `form` determines how the response is stored. */
  async admin(
    method: string,
    path: string,
    body?: unknown,
    { headers = [] as HeaderList, raw = false, once = false, key = this.stage.gateway.adminKey } = {},
  ): Promise<Json> {
    const text = body === undefined ? undefined : raw ? (body as string) : JSON.stringify(body);
    const all: HeaderList = [
      fromAnyone(),
      ...(key ? [['authorization', `Bearer ${key}`] as const] : []),
      text === undefined ? ['content-length', '0'] : ['content-type', 'application/json'],
      ...headers,
    ];
    const answer = await this.stage.wire.call(method, path, all, text);
    this.#keep(`${method} ${path.split('?')[0]}`, answer, once);
    return answer.json;
  }

  async llm(method: string, path: string, headers: HeaderList, body?: string, once = false): Promise<WireResponse> {
    const answer = await this.stage.wire.call(
      method,
      path,
      [fromAnyone(), ['content-type', 'application/json'], ...headers],
      body,
    );
    this.#keep(`${method} ${path.split('?')[0]}`, answer, once);
    return answer;
  }

  #keep(what: string, answer: WireResponse, once: boolean): void {
    const text = `${JSON.stringify(answer.headers)}\n${answer.text}`;
    (once ? this.once : this.answers).push({ what, status: answer.status, text });
  }

  /** Provider keys: stored, changed, rotated, tested, refused, deleted. */
  async providerKeys(): Promise<void> {
    const { marks } = this;
    const fake = this.stage.fake.url;
    const create = (more: object): Promise<Json> =>
      this.admin('POST', KEYS, { name: 'k', provider: 'openai', apiKey: this.#secret('stored key'), ...more });
    const key = await create({ baseUrl: `${fake}/v1`, extraHeaders: { 'x-project': 'a' } });
    await this.admin('PATCH', `${KEYS}/${key.id}`, { apiKey: this.#secret('changed key'), name: 'l' });
    this.stage.fake.on('GET', '/v1/models', refusalThatEchoes(401));
    await this.admin('POST', `${KEYS}/${key.id}/test`);
    await this.admin('POST', `${KEYS}/${key.id}/rotate`, { apiKey: this.#secret('rotated key') });
    this.stage.fake.on('GET', '/v1/models', json(200, { data: [] }));
    await this.admin('POST', `${KEYS}/${key.id}/test`);
    const away = await create({ baseUrl: 'http://127.0.0.1:1/v1' });
    await this.admin('POST', `${KEYS}/${away.id}/test`);
    await create({ apiKey: `${this.#secret('key with a space')} x` });
    await create({ apiKey: `${this.#secret('key with a line break')}\r\nx: y` });
    await create({ apiKey: [this.#secret('key in a list')] });
    await create({ provider: this.#secret('key as provider') });
    await create({ scope: this.#secret('key as scope') });
    await create({ secretRef: `env:LLM_SECRET_${marks.add('key in a reference', 'A'.repeat(9) + 'REFERENCE')}` });
    await create({ secretRef: this.#secret('key as reference') });
    await create({ baseUrl: `https://user:${this.#secret('password in an address')}@api.example.com/v1` });
    await create({ baseUrl: `https://api.example.com/v1?token=${this.#secret('token in an address')}` });
    await create({ extraHeaders: { authorization: `Bearer ${this.#secret('key as extra header')}` } });
    await create({ extraHeaders: { 'x-secret': this.#secret('secret extra header') } });
    await create({ extraHeaders: { 'x-a': `${this.#secret('extra header with a line break')}\n` } });
    await create({ apiKey: marks.add('own credential as key', mintToken('arch_').expose()) });
    await this.admin('POST', KEYS, `{"apiKey":"${this.#secret('key in bad JSON')}"`, { raw: true });
    await this.admin('POST', KEYS, this.#secret('key as a body'), { raw: true });
    await this.admin('POST', KEYS, { apiKey: this.#secret('key of nobody') }, { key: '' });
    await this.admin('GET', `${KEYS}?search=a&provider=${this.#secret('key in a query')}`);
    await this.admin('GET', `${KEYS}/not-an-id?x=${this.#secret('key behind a path')}`);
    await this.admin('GET', KEYS);
    await this.admin('GET', `${KEYS}/${key.id}`);
    await this.admin('DELETE', `${KEYS}/${key.id}`);
  }

  /** Generated secrets: shown once, then never. */
  async mintedSecrets(): Promise<{ virtual: string; passthrough: string }> {
    const { marks, stage } = this;
    const mapped = Object.entries(stage.providerKeyIds).map(([provider, id]) => ({ provider, providerApiKeyId: id }));
    const make = async (name: string, body: object): Promise<Json> => {
      const made = await this.admin('POST', VIRTUAL, { name, ...body }, { once: true });
      marks.add(name, made.value);
      return made;
    };
    const virtual = await make('virtual key', { providerApiKeys: mapped });
    const passthrough = await make('passthrough key', { keyType: 'passthrough' });
    const rotated = await make('virtual key before rotation', { providerApiKeys: mapped });
    const next = await this.admin('POST', `${VIRTUAL}/${rotated.id}/rotate`, { overlapSeconds: 60 }, { once: true });
    marks.add('virtual key after rotation', next.value);
    await this.admin('POST', `${VIRTUAL}/${rotated.id}/revoke`);
    await this.admin('GET', VIRTUAL);
    await this.admin('GET', `${VIRTUAL}/${rotated.id}`);
    const apiKey = await this.admin(
      'POST',
      '/api/api-keys',
      { name: 'robot', scopes: ['admin:write'] },
      { once: true },
    );
    marks.add('admin API key', apiKey.value);
    await this.admin('GET', '/api/me', undefined, { key: apiKey.value });
    await this.admin('GET', '/api/api-keys');
    await this.admin('DELETE', `/api/api-keys/${apiKey.id}`);
    await this.admin('GET', '/api/me', undefined, { key: apiKey.value });
    const email = `${Date.now()}@example.com`;
    const user = await this.admin('POST', '/api/users', { email }, { once: true });
    marks.add('invitation', new URL(user.invitationUrl).searchParams.get('token')!);
    const again = await this.admin('POST', `/api/users/${user.id}/invite`, undefined, { once: true });
    marks.add('second invitation', new URL(again.invitationUrl).searchParams.get('token')!);
    // The holder of the link gets a form that sends the link's token.
    const { pathname, search } = new URL(again.invitationUrl);
    await this.admin('GET', pathname + search, undefined, { once: true });
    await this.admin('POST', '/api/users', { email, password: this.#secret('password of a user') });
    await this.admin('GET', '/api/users');
    await this.admin('GET', '/api/organization');
    await this.admin('GET', '/api/audit-log?limit=100');
    return { virtual: virtual.value, passthrough: passthrough.value };
  }

  /** Refused credentials, in every position of a credential. */
  async wrongCredentials(): Promise<void> {
    const wrong = (prefix: string): string =>
      this.marks.add(`unknown ${prefix}`, mintToken(prefix as 'arch_').expose());
    const basic = Buffer.from(`user:${this.#secret('basic password')}`).toString('base64');
    const jwt = [{ alg: 'RS256' }, { sub: this.#secret('claim of a token') }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const headers: HeaderList[] = [
      [['authorization', `Bearer ${wrong('arch_')}`]],
      [['authorization', `Bearer ${wrong('arch_api_')}`]],
      [['authorization', `Bearer ${wrong('llm_at_')}`]],
      [['x-api-key', wrong('llm_rt_')]],
      [['authorization', `Bearer ${jwt}.${this.#secret('signature')}`]],
      [['authorization', `Basic ${basic}`]],
      [['authorization', `Bearer ${this.#secret('key with words')} and more`]],
      [
        ['authorization', `Bearer ${this.#secret('first of two')}`],
        ['api-key', this.#secret('second of two')],
      ],
      [['x-archestra-virtual-key', wrong('arch_')]],
      [
        ['cookie', `session=${this.#secret('cookie')}`],
        ['proxy-authorization', `Bearer ${this.#secret('proxy key')}`],
      ],
    ];
    for (const list of headers) {
      for (const family of FAMILIES) await this.llm('POST', `/v1/${family.id}/${family.path}`, list, family.body);
      await this.admin('GET', '/api/me', undefined, { headers: list, key: '' });
      await this.admin('PATCH', '/api/organization', { name: 'x' }, { headers: list, key: '' });
    }
    await this.llm('GET', `/v1/openai/${wrong('arch_')}/models`, []);
    await this.llm('GET', `/v1/openai/models/${wrong('llm_at_')}`, []);
    for (const path of ['/v1/openai/models', '/v1/nobody/models', '/api/me', '/api/nothing', '/elsewhere']) {
      await this.llm('GET', `${path}?key=${this.#secret(`?key= at ${path}`)}`, []);
      await this.llm('GET', `${path}?token=${wrong('arch_')}`, []);
      await this.llm('GET', `${path}/%zz?key=${this.#secret(`?key= at a broken ${path}`)}`, []);
      await this.llm('POST', path, [], `{"api_key":"${this.#secret(`body at ${path}`)}`);
    }
  }

  /** Calls that succeed, are refused, broken off or misunderstood; their content is marked as well. */
  async calls(keys: { virtual: string; passthrough: string }): Promise<void> {
    const { fake } = this.stage;
    const prompt = (name: string): string =>
      JSON.stringify({ model: openai.model, messages: [{ role: 'user', content: this.#secret(name) }] });
    const chat = '/v1/openai/chat/completions';
    const virtual: HeaderList = [['authorization', `Bearer ${keys.virtual}`]];
    for (const family of FAMILIES) {
      const direct = family.key(this.#secret(`direct ${family.id} key`));
      await this.llm('POST', `/v1/${family.id}/${family.path}`, [direct], family.body);
      await this.llm('POST', `/v1/${family.id}/${family.path}`, virtual, family.body);
    }
    await this.llm('POST', chat, virtual, prompt('prompt'));
    const direct = this.#secret('direct key beside a passthrough key');
    const companion = ['x-archestra-virtual-key', keys.passthrough] as const;
    await this.llm('POST', chat, [['authorization', `Bearer ${direct}`], companion], prompt('named prompt'));
    const query = this.#secret('direct key in the query');
    await this.llm('POST', `/v1/gemini/${gemini.path}?key=${query}`, [], gemini.body);
    await this.llm('POST', chat, [...virtual, ['x-trace', this.#secret('unknown header')]], prompt('another prompt'));
    await this.llm('POST', chat, virtual, `{"model":"gpt-5.4","messages":"${this.#secret('prompt in bad JSON')}`);
    await this.llm('POST', chat, virtual, JSON.stringify({ input: this.#secret('prompt without a model') }));
    await this.llm('POST', '/v1/openai/files', virtual, this.#secret('content at a closed path'));
    await this.llm('POST', chat, [['authorization', `Bearer ${keys.passthrough}`]], prompt('prompt, wrong header'));
    for (const status of [400, 401, 429, 500]) {
      fake.on('POST', openai.upstreamPath, refusalThatEchoes(status));
      const key = this.#secret(`direct key, upstream ${status}`);
      const echoed: HeaderList = [['authorization', `Bearer ${key}`]];
      await this.llm('POST', chat, echoed, prompt(`prompt, upstream ${status}`), true);
    }
    fake.on('POST', openai.upstreamPath, (_, response) => void response.destroy());
    await this.llm('POST', chat, virtual, prompt('prompt, upstream hung up'));
    const words = this.#secret('answer');
    fake.on('POST', openai.upstreamPath, json(200, { choices: [{ message: { content: words } }] }));
    await this.llm('POST', chat, virtual, prompt('prompt that is answered'), true);
    fake.on(
      'POST',
      openai.upstreamPath,
      events([`data: {"choices":[{"delta":{"content":"${words}"}}]}\n\n`, 'data: {']),
    );
    await this.llm('POST', chat, virtual, JSON.stringify({ model: openai.model, stream: true, messages: [] }), true);
    fake.on('POST', anthropic.upstreamPath, json(200, 'not JSON at all', { 'set-cookie': `a=${words}` }));
    await this.llm('POST', `/v1/anthropic/${anthropic.path}`, virtual, anthropic.body);
    await this.admin('GET', '/api/interactions?limit=100');
  }

  /** A webhook that repeats its request in every part of its response. */
  async guardrails(keys: { virtual: string }): Promise<void> {
    const { fake } = this.stage;
    fake.on('POST', openai.upstreamPath, json(200, { choices: [] }));
    const url = `${fake.url}/judge`;
    const guardrails = [{ name: 'judge', detector: 'webhook', url, on: 'request' }];
    const body = { name: 'judged', policy: { guardrails } };
    const proxy = await this.admin('POST', '/api/llm-proxies', body, { once: true });
    this.marks.add('secret of a guardrail', proxy.guardrailSecret);
    const path = `/api/llm-proxies/${proxy.id}`;
    const rotated = await this.admin('POST', `${path}/rotate-guardrail-secret`, undefined, { once: true });
    this.marks.add('secret of a guardrail after rotation', rotated.guardrailSecret);
    for (const action of ['block', 'flag', 'redact', 'repeat']) {
      fake.on('POST', '/judge', ({ body: asked, headers }, response) => {
        const echo = `${asked.toString()} ${JSON.stringify(headers)}`;
        response.setHeader('x-echo', encodeURIComponent(echo).slice(0, 4_000));
        response.end(JSON.stringify({ action, reason: echo, texts: [{ pointer: `/${echo}`, text: echo }] }));
      });
      const content = this.#secret(`prompt for a judge that says ${action}`);
      const asking = JSON.stringify({ model: openai.model, messages: [{ role: 'user', content }] });
      const virtual: HeaderList = [['authorization', `Bearer ${keys.virtual}`]];
      await this.llm('POST', `/v1/openai/${proxy.id}/chat/completions`, virtual, asking);
    }
    await this.admin('PATCH', path, { name: 'still judged' });
    await this.admin('GET', path);
    await this.admin('GET', '/api/audit-log?limit=100');
    await this.admin('GET', '/api/interactions?limit=100');
  }

  /** Writes while a table is missing: the database's own errors name the values to be stored. */
  async brokenDatabase(): Promise<void> {
    const { sql } = this.stage;
    for (const table of ['provider_key', 'admin_api_key']) {
      await sql(`ALTER TABLE ${table} RENAME COLUMN name TO gone`);
      const apiKey = this.#secret(`key, ${table} broken`);
      await this.admin('POST', KEYS, { name: 'k', provider: 'openai', apiKey });
      await this.admin('POST', '/api/api-keys', { name: 'robot' });
      await this.admin('GET', '/api/me', undefined, {
        key: this.marks.add(`admin key, ${table} broken`, mintToken('arch_api_').expose()),
      });
      await sql(`ALTER TABLE ${table} RENAME COLUMN gone TO name`);
    }
  }

  #secret(name: string): string {
    return this.marks.add(name, marked(name.replaceAll(/[^a-z]+/gi, '-')));
  }
}

/** A vendor that repeats the whole key and the whole prompt in its error. */
const refusalThatEchoes =
  (status: number): Parameters<FakeProvider['on']>[2] =>
  (request, response) => {
    const message = `Incorrect API key provided: ${request.headers.authorization}. You said: ${request.body.toString()}`;
    return json(status, { error: { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' } })(
      request,
      response,
    );
  };
