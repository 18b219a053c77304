/**
 * Promise: the content of calls is stored as the LLM proxy specifies and no more, sealed, and every reading is
 * recorded.
 */
import { events, json } from '../../support/providers/fake-provider.js';
import { ContentWriter } from '../../../src/content/capture/content-writer.js';
import { ContentRetention } from '../../../src/content/retention.js';
import type { AdminResponse, Json } from '../../support/http/admin-client.js';
import { auditOf, castOf, sql, type Cast } from '../../support/gateway/people.js';
import { torn, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

const CARD = '4111 1111 1111 1111';
const CHAT = '/v1/chat/completions';
const DAY_MS = 86_400_000;
const MOST_BYTES = 256 * 1024;

let scenario: Scenario;
let cast: Cast;
const proxies = new Map<string, string>();

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic');
  cast = await castOf(scenario.gateway);
  const guardrails = [{ name: 'projects', detector: 'pattern', pattern: 'PRJ-\\d{4}', on: 'both', action: 'block' }];
  for (const [name, body] of Object.entries({
    off: { captureContent: 'off' },
    redacted: { captureContent: 'redacted' },
    full: { captureContent: 'full', contentRetentionDays: 3 },
    guarded: { captureContent: 'full', policy: { guardrails } },
    said: {},
  }))
    proxies.set(name, (await scenario.gateway.admin.create('/api/llm-proxies', { name, ...body })).id);
});
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

async function call(proxy: string, body: object, surface = 'openai', path = 'chat/completions'): Promise<string> {
  const { baseUrl } = scenario.target('', { provider: surface, proxyId: proxies.get(proxy)! });
  const answer = await fetch(`${baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.text().catch(() => 'broken off');
}
const asking = (content: unknown, more: object = {}): object => ({
  model: 'gpt-5.4',
  messages: [{ role: 'user', content }],
  ...more,
});
const answering = (content: string) => {
  const answer = wireJson('openai', 'chat.json');
  answer.choices[0].message.content = content;
  return json(200, answer);
};
/** Reads the content of the newest call. */
async function content(who = scenario.gateway.admin): Promise<AdminResponse & { id: string }> {
  const { id } = await scenario.record();
  await scenario.gateway.app.nest.get(ContentWriter).flush();
  return { ...(await who.get(`/api/interactions/${id}/content`)), id };
}
/** Returns whether the record, and the list of records, report stored content. */
async function isSaidToBeKept(id: string): Promise<boolean[]> {
  const { body: record } = await scenario.gateway.admin.get(`/api/interactions/${id}`);
  const { body: list } = await scenario.gateway.admin.get('/api/interactions?limit=100');
  return [record, list.data.find((row: Json) => row.id === id)].map(({ isContentKept }) => isContentKept);
}
const kept = async (): Promise<Json> => {
  const { status, body } = await content();
  expect(status).toBe(200);
  return body;
};
const piece = (text: string): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: text } }] })}\n\n`;

describe('captured content', () => {
  it('nothing is stored when captureContent is off, which is the default', async () => {
    scenario.vendor.on('POST', CHAT, answering('Hello'));
    for (const proxy of ['off', 'said']) {
      await call(proxy, asking('Hi'));
      expect((await content()).status).toBe(404);
    }
  });

  it("the organization's captureContent applies when the LLM proxy sets none", async () => {
    scenario.vendor.on('POST', CHAT, answering('Hello'));
    await scenario.gateway.admin.patch('/api/organization', { captureContent: 'full', contentRetentionDays: 7 });
    try {
      await call('said', asking('Hi'));
      const { captureContent, createdAt, expiresAt } = await kept();
      expect(captureContent).toBe('full');
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(7 * DAY_MS);
      await call('off', asking('Hi'));
      expect((await content()).status).toBe(404);
    } finally {
      await scenario.gateway.admin.patch('/api/organization', { captureContent: 'off', contentRetentionDays: 30 });
    }
  });

  it('full content is the request to the provider and the response to the client, without headers', async () => {
    scenario.vendor.on('POST', CHAT, answering(`Your card is ${CARD}`));
    const shown = await call('full', asking(`My card is ${CARD}`));
    const { request, answer, captureContent } = await kept();
    expect(captureContent).toBe('full');
    expect(request).toEqual({ text: scenario.vendor.received[0]!.body.toString(), isTruncated: false });
    expect(answer).toEqual({ text: shown, isTruncated: false });
    expect(JSON.stringify([request, answer])).not.toMatch(/arch_|stored-key|authorization/i);
  });

  it('redacted content lacks what detectors find, while the call stays unchanged', async () => {
    scenario.vendor.on('POST', CHAT, answering(`Your card is ${CARD}, Anna`));
    const shown = await call('redacted', asking(`My card is ${CARD}, write to anna@example.com`));
    expect(shown).toContain(CARD);
    expect(scenario.vendor.received[0]!.body.toString()).toContain(CARD);
    const { request, answer } = await kept();
    expect(request.text).toContain('My card is [credit card]');
    expect(answer.text).toContain('Your card is [credit card], Anna');
    expect(JSON.stringify([request, answer])).not.toMatch(/1111|anna@/);
    expect(JSON.parse(request.text).model).toBe('gpt-5.4');
  });

  it.each(['redacted', 'full'])('content of a stream (%s) is captured across its chunks', async (proxy) => {
    scenario.vendor.on(
      'POST',
      CHAT,
      events([piece('Card 4111 11'), piece('11 1111'), piece(' 1111, yes'), 'data: [DONE]\n\n'], 5),
    );
    const shown = await call(proxy, asking('?', { stream: true }));
    expect(shown).toContain(piece('11 1111'));
    const { answer } = await kept();
    if (proxy === 'full') return expect(answer).toEqual({ text: shown, isTruncated: false });
    expect(answer.text).toContain('[credit card]');
    expect(answer.text).toContain(', yes');
    expect(answer.text).not.toContain('11 1111');
  });

  it("content on the Model Router is in the client's format", async () => {
    scenario.vendor.on('POST', '/v1/messages', json(200, wireJson('anthropic', 'chat.json')));
    const shown = await call('full', asking('Hi', { model: 'anthropic:claude-sonnet-5' }), 'model-router');
    const { request, answer } = await kept();
    expect(JSON.parse(request.text)).toEqual(asking('Hi', { model: 'anthropic:claude-sonnet-5' }));
    expect(answer.text).toBe(shown);
    expect(JSON.parse(answer.text).object).toBe('chat.completion');
  });

  it('long content is truncated at 256 KiB and marked isTruncated', async () => {
    scenario.vendor.on('POST', CHAT, answering('ä'.repeat(MOST_BYTES)));
    await call('redacted', asking('ö '.repeat(MOST_BYTES)));
    const { request, answer } = await kept();
    for (const { text, isTruncated } of [request, answer]) {
      expect(isTruncated).toBe(true);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_BYTES);
      expect(Buffer.byteLength(text)).toBeGreaterThan(MOST_BYTES - 8);
      expect(text).not.toContain('\ufffd');
    }
  });

  it('content holds a placeholder instead of files', async () => {
    scenario.vendor.on('POST', CHAT, answering('A cat'));
    const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(1000)}`;
    await call(
      'full',
      asking([
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url } },
      ]),
    );
    const { text } = (await kept()).request;
    expect(text).toContain('What is it?');
    expect(text).toContain('data:image/png;base64,[file: 11000 characters of base64]');
    expect(text.length).toBeLessThan(500);
  });

  it('a blocked request has no content, and a blocked stream has only what was shown', async () => {
    scenario.vendor.on('POST', CHAT, answering('Hello'));
    await call('guarded', asking('Tell me of PRJ-1234'));
    expect((await content()).status).toBe(404);
    scenario.vendor.on(
      'POST',
      CHAT,
      events([piece('It is'), piece(' PRJ-12'), piece('34, ok'), 'data: [DONE]\n\n'], 5),
    );
    await call('guarded', asking('?', { stream: true }));
    const { answer } = await kept();
    expect(answer.text).toContain('It is');
    expect(answer.text).toContain('guardrail');
    expect(answer.text).not.toMatch(/34|ok/);
  });

  it('content of a stream does not depend on how it is split into chunks', async () => {
    const whole = [piece('Grüße '), piece('👋'), 'data: [DONE]\n\n'].join('');
    scenario.vendor.on('POST', CHAT, torn(Buffer.from(whole)));
    await call('redacted', asking('?', { stream: true }));
    expect((await kept()).answer.text).toBe(whole);
  });
});

describe('reading of content', () => {
  beforeEach(async () => {
    scenario.vendor.on('POST', CHAT, answering('Hello'));
    await call('full', asking('a very secret question'));
  });

  it('reading content writes an audit entry with the actor', async () => {
    const { id, headers } = await content(cast.owner.client);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(await auditOf(scenario.gateway, id)).toEqual([
      expect.objectContaining({
        action: 'interaction.read_content',
        actor_id: cast.owner.id,
        after: { captureContent: 'full' },
      }),
    ]);
  });

  it('members, editors and users of other organizations cannot read content', async () => {
    for (const who of [cast.member, cast.editor]) expect((await content(who.client)).status).toBe(403);
    const { status, id } = await content(cast.stranger.client);
    expect(status).toBe(404);
    expect(await auditOf(scenario.gateway, id)).toEqual([]);
  });

  it('the database holds content only encrypted', async () => {
    const { id } = await content();
    const [row] = await sql<{ text: string; sealed: string }>(
      scenario.gateway,
      'SELECT c::text AS text, sealed_content AS sealed FROM interaction_content c WHERE interaction_id = $1',
      [id],
    );
    expect(row!.sealed).toMatch(/^s1\./);
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const)
      expect(row!.text).not.toContain(Buffer.from('a very secret question').toString(encoding));
  });

  it('expired content gets 404 and is then deleted from the database', async () => {
    const { id, body } = await content();
    scenario.gateway.clock.advance(Date.parse(body.expiresAt) - scenario.gateway.clock.now() - 60_000);
    expect((await scenario.gateway.admin.get(`/api/interactions/${id}/content`)).status).toBe(200);
    expect(await isSaidToBeKept(id)).toEqual([true, true]);
    scenario.gateway.clock.advance(120_000);
    expect((await scenario.gateway.admin.get(`/api/interactions/${id}/content`)).status).toBe(404);
    expect(await isSaidToBeKept(id)).toEqual([false, false]);
    const left = () => sql(scenario.gateway, 'SELECT 1 FROM interaction_content WHERE interaction_id = $1', [id]);
    expect(await left()).toHaveLength(1);
    await scenario.gateway.app.nest.get(ContentRetention).sweep();
    expect(await left()).toHaveLength(0);
  });
});
