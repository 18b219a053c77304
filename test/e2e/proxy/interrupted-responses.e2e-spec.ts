/** Responses that are slow, cut, too large, aborted or revoked. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from '../../support/providers/fake-provider.js';
import { RunningCalls } from '../../../src/proxy/call/running-calls.js';
import { freePort } from '../../support/gateway/gateway.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { drained } from '../../support/providers/recorded-responses.js';
import {
  FAMILIES,
  familyOf,
  fromAnyone,
  startStage,
  type Family,
  type Stage,
  type VirtualKey,
} from '../../support/gateway/stage.js';
import { eventually, type HeaderList, type OpenResponse } from '../../support/http/wire-client.js';

const OWN = 'sk-callers-own-0123456789';
const MIB = 1024 * 1024;
const JSON_TYPE = ['content-type', 'application/json'] as const;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const openai = familyOf('openai');

interface StreamedFamily {
  id: Family['id'];
  name: string;
  path: string;
  upstreamPath: string;
  body: string;
  type: string;
  /** The first chunks of the recorded stream. */
  first: string;
  second: string;
  /** The error event in a stream, in this family's format. */
  error: (code: string) => RegExp;
  endMark: RegExp | null;
}

const recorded = (name: string): string =>
  readFileSync(new URL(`../../fixtures/wire/${name}`, import.meta.url), 'utf8');
const eventsOf = (name: string): string[] => recorded(name).split(/(?<=\n\n)/);

const STREAMS: readonly StreamedFamily[] = [
  {
    id: 'openai',
    name: 'openai chat',
    path: 'chat/completions',
    upstreamPath: '/v1/chat/completions',
    body: JSON.stringify({ model: 'gpt-5.4', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    type: 'text/event-stream',
    first: eventsOf('openai/chat-stream.sse')[0]!,
    second: eventsOf('openai/chat-stream.sse')[1]!,
    error: (code) =>
      new RegExp(
        `\\n\\ndata: \\{"error":\\{"message":"[^"]+","type":"[a-z_]+","param":null,"code":"${code}"\\}\\}\\n\\n$`,
      ),
    endMark: /\[DONE\]/,
  },
  {
    id: 'openai',
    name: 'openai responses',
    path: 'responses',
    upstreamPath: '/v1/responses',
    body: JSON.stringify({ model: 'gpt-5.4', stream: true, input: 'Hello' }),
    type: 'text/event-stream; charset=utf-8',
    first: eventsOf('openai/responses-stream.sse')[0]!,
    second: eventsOf('openai/responses-stream.sse')[1]!,
    error: (code) =>
      new RegExp(
        `\\n\\nevent: response\\.failed\\ndata: \\{.*"status":"failed","error":\\{"code":"${code}".*\\}\\n\\n$`,
      ),
    endMark: /response\.completed/,
  },
  {
    id: 'anthropic',
    name: 'anthropic',
    path: 'v1/messages',
    upstreamPath: '/v1/messages',
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
    type: 'text/event-stream',
    first: eventsOf('anthropic/chat-stream.sse')[0]!,
    second: eventsOf('anthropic/chat-stream.sse')[1]!,
    error: () =>
      /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"[a-z_]+","message":"[^"]+"\},"request_id":"[^"]+"\}\n\n$/,
    endMark: /message_stop/,
  },
  {
    id: 'gemini',
    name: 'gemini',
    path: 'v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    upstreamPath: '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
    body: familyOf('gemini').body,
    type: 'text/event-stream',
    first: eventsOf('gemini/chat-stream.sse')[0]!,
    second: eventsOf('gemini/chat-stream.sse')[1]!,
    error: () => /\n\ndata: \{"error":\{"code":\d+,"message":"[^"]+","status":"[A-Z_]+","details":\[\]\}\}\n\n$/,
    endMark: null,
  },
  {
    id: 'gemini',
    name: 'gemini as an array',
    path: 'v1beta/models/gemini-2.5-flash:streamGenerateContent',
    upstreamPath: '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
    body: familyOf('gemini').body,
    type: 'application/json; charset=UTF-8',
    first: '[{"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"}}]}',
    second: ',\n{"candidates":[{"content":{"parts":[{"text":"lo"}],"role":"model"}}]}',
    error: () => /\},\n\{"error":\{"code":\d+,"message":"[^"]+","status":"[A-Z_]+","details":\[\]\}\}\]?$/,
    endMark: /\]\s*$/,
  },
  {
    id: 'cohere',
    name: 'cohere',
    path: 'v2/chat',
    upstreamPath: '/v2/chat',
    body: JSON.stringify({ model: 'command-a-03-2025', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    type: 'text/event-stream',
    first: eventsOf('cohere/chat-stream.sse')[0]!,
    second: eventsOf('cohere/chat-stream.sse')[1]!,
    error: () =>
      /\n\nevent: message-end\ndata: \{"type":"message-end","id":"[^"]+","delta":\{"finish_reason":"ERROR","error":"[^"]+"\}\}\n\n$/,
    endMark: /"finish_reason":"COMPLETE"/,
  },
];

describe('interrupted and delayed responses', () => {
  let stage: Stage;
  let key: VirtualKey;
  let held: ControlledResponses;

  beforeAll(async () => {
    stage = await startStage({
      LLM_MISTRAL_BASE_URL: `http://127.0.0.1:${await freePort()}/v1`,
      LLM_GROQ_BASE_URL: 'http://127.0.0.1:1/v1',
      UPSTREAM_HEADERS_TIMEOUT_SECONDS: '1',
      UPSTREAM_IDLE_TIMEOUT_SECONDS: '1',
    });
    key = await stage.virtualKey();
  }, 60_000);
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.fake.forget();
    held = new ControlledResponses();
    for (const { upstreamPath } of STREAMS) stage.fake.on('POST', upstreamPath, held.respond);
  });

  const ask = (family: StreamedFamily, { value } = key): Promise<OpenResponse> =>
    stage.wire.open('POST', `/v1/${family.id}/${family.path}`, [fromAnyone(), JSON_TYPE, bearer(value)], family.body);

  /** Both ends of a stream that has begun. */
  const begun = async (
    family: StreamedFamily,
    used = key,
  ): Promise<{ answer: OpenResponse; response: ServerResponse; gone: () => boolean }> => {
    const asked = ask(family, used);
    const next = await held.next();
    next.response.writeHead(200, { 'content-type': family.type });
    next.response.write(family.first);
    const answer = await asked;
    await answer.until(family.first.trim());
    return { answer, response: next.response, gone: () => next.cancelled };
  };
  const recordOf = (answer: OpenResponse) => stage.recordOf(answer as never);

  describe.each(STREAMS)('a stream of $name', (family) => {
    it('a stream passes each event on before the provider sends the next', async () => {
      const { answer, response } = await begun(family);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(family.type);
      response.write(family.second);
      await answer.until(family.second.trim());
      const ending = family.endMark === null ? '' : `end`;
      response.end(ending);
      expect(await answer.ended).toEqual({ complete: true, text: family.first + family.second + ending });
    });

    it('a stream passes its head on before the first event', async () => {
      const asked = ask(family);
      const { response } = await held.next();
      response.writeHead(200, { 'content-type': family.type });
      response.flushHeaders();
      const answer = await asked;
      expect(answer.text()).toBe('');
      response.end();
      await answer.ended;
    });

    it('a stream that the client aborts is canceled at the provider and recorded with an estimate', async () => {
      const { answer, gone } = await begun(family);
      answer.abort();
      await eventually(gone, 'the provider to be let go');
      expect(await recordOf(answer)).toMatchObject({
        outcome: 'client_aborted',
        status: 200,
        streaming: true,
        error_code: null,
      });
      const { input_tokens, estimated } = await recordOf(answer);
      // Anthropic reports the input in its first event, so nothing is estimated.
      expect([Number(input_tokens) > 0, typeof estimated]).toEqual([true, 'boolean']);
    });

    it.each([
      ['closes', (response: ServerResponse) => void response.socket!.end()],
      ['is reset', (response: ServerResponse) => void response.socket!.resetAndDestroy()],
    ])("a stream ends with one error event and no end mark when the provider's connection %s", async (_, kill) => {
      const { answer, response } = await begun(family);
      kill(response);
      const { complete, text } = await answer.ended;
      expect(complete).toBe(false);
      expect(text.startsWith(family.first)).toBe(true);
      expect(text).toMatch(family.error('upstream_unreachable'));
      if (family.endMark) expect(text.slice(family.first.length)).not.toMatch(family.endMark);
      expect(await recordOf(answer)).toMatchObject({
        outcome: 'error',
        status: 200,
        error_code: 'upstream_unreachable',
      });
    });

    it('a stream that stalls is completed with an error event upstream_timeout', async () => {
      const { answer, gone } = await begun(family);
      const { complete, text } = await answer.ended;
      expect(complete).toBe(true);
      expect(text).toMatch(family.error('upstream_timeout'));
      if (text.startsWith('[')) expect(JSON.parse(text)).toHaveLength(2);
      expect(gone()).toBe(true);
      expect(await recordOf(answer)).toMatchObject({ outcome: 'error', error_code: 'upstream_timeout' });
    });

    it('revoking a key ends its stream with credential_invalid and refuses its next call', async () => {
      const mine = await stage.virtualKey();
      const { answer, gone } = await begun(family, mine);
      const other = await begun(family);
      expect((await stage.gateway.admin.post(`/api/llm-virtual-keys/${mine.id}/revoke`)).status).toBe(200);
      const { complete, text } = await answer.ended;
      expect(complete).toBe(true);
      expect(text).toMatch(family.error('credential_invalid'));
      await eventually(gone, 'the provider to be let go');
      expect(await recordOf(answer)).toMatchObject({ outcome: 'cut', status: 200, error_code: 'credential_invalid' });
      const refused = await stage.wire.call(
        'POST',
        `/v1/${family.id}/${family.path}`,
        [JSON_TYPE, bearer(mine.value)],
        family.body,
      );
      expectRefusal(family.id, refused, { status: 401, code: 'credential_invalid' });
      other.response.end();
      expect((await other.answer.ended).complete).toBe(true);
    });
  });

  describe('before the response head', () => {
    it('a client that disconnects before the response cancels the call at the provider', async () => {
      for (const family of FAMILIES) stage.fake.on('POST', family.upstreamPath, held.respond);
      const request = stage.wire.start('POST', '/v1/openai/chat/completions', [
        fromAnyone(),
        JSON_TYPE,
        bearer(key.value),
        ['content-length', String(openai.body.length)],
        ['x-archestra-run-id', 'gone'],
      ]);
      request.on('error', () => undefined);
      request.end(openai.body);
      const next = await held.next();
      request.destroy();
      await eventually(() => next.cancelled, 'the provider to be let go');
      const [record] = await eventually(async () => {
        await stage.gateway.flushRecords();
        const rows = await stage.sql<object>("SELECT outcome, status FROM interaction WHERE run_id = 'gone'");
        return rows.length > 0 && rows;
      }, 'the record');
      expect(record).toEqual({ outcome: 'client_aborted', status: 499 });
    });

    it.each(FAMILIES)('revoking a key ends its running call to $id with 401', async (family) => {
      stage.fake.on('POST', family.upstreamPath, held.respond);
      const mine = await stage.virtualKey();
      const answer = stage.chat(family, [fromAnyone(), bearer(mine.value)]);
      const next = await held.next();
      await stage.gateway.admin.post(`/api/llm-virtual-keys/${mine.id}/revoke`);
      expectRefusal(family.id, await answer, { status: 401, code: 'credential_invalid' });
      await eventually(() => next.cancelled, 'the provider to be let go');
    });

    it('a key that is revoked while its request body arrives reaches no provider', async () => {
      const mine = await stage.virtualKey();
      const request = stage.wire.start('POST', '/v1/openai/chat/completions', [
        fromAnyone(),
        JSON_TYPE,
        bearer(mine.value),
        ['content-length', String(openai.body.length)],
      ]);
      request.on('error', () => undefined);
      const status = new Promise((resolve) => request.once('response', (message) => resolve(message.statusCode)));
      request.write(openai.body.slice(0, 10));
      const open = stage.gateway.app.nest.get(RunningCalls);
      await eventually(() => open.count > 0, 'the call to be let in');
      expect((await stage.gateway.admin.post(`/api/llm-virtual-keys/${mine.id}/revoke`)).status).toBe(200);
      request.end(openai.body.slice(10));
      expect(await status).toBe(401);
      expect(stage.fake.started).toBe(0);
    });

    it.each(FAMILIES)('a provider of $id that does not respond in time gets the client 504', async (family) => {
      stage.fake.on('POST', family.upstreamPath, held.respond);
      const answer = await stage.chat(family, [fromAnyone(), bearer(key.value)]);
      expectRefusal(family.id, answer, { status: 504, code: 'upstream_timeout' });
      expect((await held.next()).cancelled).toBe(true);
      expect(await stage.recordOf(answer)).toMatchObject({
        outcome: 'error',
        status: 504,
        error_reason: 'headers_timeout',
      });
    });

    it.each([
      ['mistral', 'a closed port', 'mistral'],
      ['groq', 'a port of the system', 'openai'],
    ] as const)(
      'provider %s, unreachable at %s, gets the client 502 without the address',
      async (provider, _port, family) => {
        const answer = await stage.wire.call(
          'POST',
          `/v1/${provider}/chat/completions`,
          [fromAnyone(), JSON_TYPE, bearer(OWN)],
          openai.body,
        );
        expectRefusal(family, answer, { status: 502, code: 'upstream_unreachable' });
        expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
      },
    );

    it.each(FAMILIES)(
      'a provider of $id that closes the connection or sends invalid HTTP gets the client 502',
      async (family) => {
        stage.fake.on('POST', family.upstreamPath, (_, response) => void response.socket!.destroy());
        expectRefusal(family.id, await stage.chat(family, [fromAnyone(), bearer(key.value)]), {
          status: 502,
          code: 'upstream_unreachable',
        });
        stage.fake.on('POST', family.upstreamPath, (_, response) => void response.socket!.end('HTTP/1.1 what\r\n\r\n'));
        expectRefusal(family.id, await stage.chat(family, [fromAnyone(), bearer(key.value)]), {
          status: 502,
          code: 'upstream_unreachable',
        });
      },
    );
  });

  describe('a response that is not streamed', () => {
    const answering = async (
      head: Record<string, string>,
      parts: readonly (string | Buffer)[],
      ending: (response: ServerResponse) => void,
    ) => {
      stage.fake.on('POST', '/v1/embeddings', (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', ...head });
        for (const part of parts) response.write(part);
        setImmediate(() => ending(response));
      });
      return stage.wire.call(
        'POST',
        '/v1/openai/embeddings',
        [fromAnyone(), JSON_TYPE, bearer(key.value)],
        '{"model":"text-embedding-3-small","input":"x"}',
      );
    };
    const large = `{"data":"${'x'.repeat(3 * MIB)}","model":"text-embedding-3-small","usage":{"prompt_tokens":5,"total_tokens":5}}`;

    it.each<[string, Record<string, string>, (response: ServerResponse) => void]>([
      ['cut by a reset', {}, (response: ServerResponse) => void response.socket!.resetAndDestroy()],
      ['cut before its last chunk', {}, (response: ServerResponse) => void response.socket!.end()],
      [
        'shorter than declared',
        { 'content-length': '1000' },
        (response: ServerResponse) => void response.socket!.end(),
      ],
    ])('a response that is %s becomes 502', async (_, head, ending) => {
      const answer = await answering(head, ['{"data":[1,'], ending);
      expectRefusal('openai', answer, { status: 502, code: 'upstream_unreachable' });
    });

    it('a response that stalls becomes 504', async () => {
      expectRefusal('openai', await answering({}, ['{"data":['], () => undefined), {
        status: 504,
        code: 'upstream_timeout',
      });
    });

    it('a response above 1 MiB passes byte for byte as it arrives, and its usage is recorded', async () => {
      const answer = await answering({}, [large], (response) => void response.end());
      expect([answer.status, answer.complete, answer.text === large]).toEqual([200, true, true]);
      expect(answer.headers['x-gateway-cost-usd']).toBeUndefined();
      expect(await stage.recordOf(answer)).toMatchObject({ input_tokens: '5', outcome: 'success' });
    });

    it("a response above 1 MiB that breaks off breaks the client's connection", async () => {
      const answer = await answering({}, [large], (response) => void response.socket!.end());
      expect([answer.status, answer.complete]).toEqual([200, false]);
      expect(await stage.recordOf(answer)).toMatchObject({ outcome: 'error', error_code: 'upstream_unreachable' });
    });

    it('a response up to 1 MiB has content-length and x-gateway-cost-usd', async () => {
      const body = '{"model":"text-embedding-3-small","usage":{"prompt_tokens":1000000,"total_tokens":1000000}}';
      const answer = await answering({}, [body.slice(0, 20), body.slice(20)], (response) => void response.end());
      expect(answer.headers['content-length']).toBe(String(body.length));
      expect(Number(answer.headers['x-gateway-cost-usd'])).toBeCloseTo(0.02);
      expect(answer.text).toBe(body);
    });

    it.each<[string, string, number, Record<string, string>]>([
      ['204', 'DELETE', 204, {}],
      ['304', 'GET', 304, { etag: '"x"', 'content-type': 'application/json' }],
      ['205', 'POST', 205, {}],
      ['an error of the provider’s', 'POST', 418, { 'content-type': 'text/html' }],
    ])('a response without a body passes unchanged: %s', async (_, method, status, head) => {
      stage.fake.on(method, '/v1/files/x', (__, response) => void response.writeHead(status, head).end());
      const answer = await stage.wire.call(method, '/v1/openai/files/x', [fromAnyone(), bearer(OWN)]);
      expect([answer.status, answer.text, answer.complete]).toEqual([status, '', true]);
      expect(answer.headers).toMatchObject(head);
      expect(stage.fake.started).toBe(1);
      if (status === 204 || status === 304) expect(answer.headers['transfer-encoding']).toBeUndefined();
    });

    it('a response to HEAD has no body and no wrong content-length (RFC 9110 §8.6)', async () => {
      stage.fake.on(
        'HEAD',
        '/v1/files/x',
        (_, response) =>
          void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '12345' }).end(),
      );
      const answer = await stage.wire.call('HEAD', '/v1/openai/files/x', [fromAnyone(), bearer(OWN)]);
      expect([answer.status, answer.text, answer.complete]).toEqual([200, '', true]);
      expect([undefined, '12345']).toContain(answer.headers['content-length']);
    });

    it('an error response of the provider passes unchanged, without set-cookie', async () => {
      const body = recorded('openai/error.json');
      stage.fake.on(
        'POST',
        openai.upstreamPath,
        json(429, body, {
          'retry-after': '7',
          'x-ratelimit-remaining-requests': '0',
          'set-cookie': 'a=b',
          'x-request-id': 'theirs',
        }),
      );
      const answer = await stage.chat(openai, [fromAnyone(), bearer(key.value)]);
      expect([answer.status, answer.text]).toEqual([429, body]);
      expect(answer.headers).toMatchObject({
        'retry-after': '7',
        'x-ratelimit-remaining-requests': '0',
        'x-upstream-request-id': 'theirs',
      });
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(await stage.recordOf(answer)).toMatchObject({ outcome: 'upstream_error', status: 429, error_code: null });
    });
  });

  describe('a slow reader', () => {
    const TOTAL = 192 * MIB;
    /** More than all buffers of the loopback hold; far less than the whole. */
    const BOUND = 48 * MIB;

    it('a slow reader slows the provider down and receives every byte', async () => {
      const family = STREAMS[0]!;
      let written = 0;
      stage.fake.on('POST', family.upstreamPath, async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const piece = Buffer.from(`data: ${'x'.repeat(MIB - 8)}\n\n`);
        while (written < TOTAL && !response.destroyed) {
          written += piece.length;
          if (!response.write(piece)) await drained(response);
        }
        response.end();
      });
      const rssBefore = process.memoryUsage().rss;
      const request = stage.wire.start('POST', `/v1/openai/${family.path}`, [
        fromAnyone(),
        JSON_TYPE,
        bearer(key.value),
        ['content-length', String(family.body.length)],
      ]);
      request.end(family.body);
      const message = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
      message.pause();
      // Idle, and for longer than the idle timeout: nothing may happen meanwhile.
      let last = -1;
      await eventually(
        async () => {
          const still = written === last;
          last = written;
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          return still && written === last;
        },
        'the provider to be held back',
        20_000,
      );
      expect(written).toBeLessThan(BOUND);
      expect(process.memoryUsage().rss - rssBefore).toBeLessThan(2 * BOUND);
      let received = 0;
      message.resume();
      message.on('data', (chunk: Buffer) => (received += chunk.length));
      await new Promise((resolve) => message.once('close', resolve));
      expect([message.complete, received]).toEqual([true, TOTAL]);
    }, 60_000);

    it('a client that never reads is disconnected when its key is revoked', async () => {
      const family = STREAMS[0]!;
      const mine = await stage.virtualKey();
      let gone = false;
      let written = 0;
      stage.fake.on('POST', family.upstreamPath, async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.once('close', () => (gone = true));
        while (!response.destroyed) {
          written++;
          if (!response.write(`data: ${'x'.repeat(MIB)}\n\n`)) await drained(response);
        }
      });
      const socket = await stage.wire.socket();
      socket.on('error', () => undefined);
      socket.pause();
      socket.write(
        `POST /v1/openai/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${mine.value}\r\nContent-Type: application/json\r\nContent-Length: ${family.body.length}\r\n\r\n${family.body}`,
      );
      await eventually(async () => {
        const before = written;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return written > 1 && written === before;
      }, 'the provider to be held back');
      const server = stage.gateway.app.fastify.server;
      const connections = (): Promise<number> =>
        new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
      const before = await connections();
      await stage.gateway.admin.post(`/api/llm-virtual-keys/${mine.id}/revoke`);
      await eventually(() => gone, 'the provider to be let go');
      await eventually(async () => (await connections()) < before, 'the connection to be closed');
      socket.destroy();
    }, 30_000);
  });

  describe('usage in an OpenAI stream', () => {
    const send = (body: object): Promise<OpenResponse> =>
      stage.wire.open(
        'POST',
        '/v1/openai/chat/completions',
        [fromAnyone(), JSON_TYPE, bearer(key.value)],
        JSON.stringify(body),
      );
    const asked = { model: 'gpt-5.4', stream: true, messages: [] };
    const whole = recorded('openai/chat-stream.sse');
    const serve = (text: string, step: number): void => {
      stage.fake.on('POST', '/v1/chat/completions', async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let i = 0; i < text.length; i += step) {
          response.write(text.slice(i, i + step));
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      });
    };

    it.each([1_000_000, 701, 64])(
      'usage is requested for the client and removed from the stream, in chunks of %i characters',
      async (step) => {
        serve(whole, step);
        const answer = await send(asked);
        const { complete, text } = await answer.ended;
        expect(complete).toBe(true);
        expect(JSON.parse(stage.fake.received[0]!.body.toString())).toEqual({
          ...asked,
          stream_options: { include_usage: true },
        });
        expect(text).toContain('data: [DONE]');
        expect(text).not.toMatch(/"choices":\[\],.*"usage":\{/);
        const record = await recordOf(answer);
        expect(Number(record.output_tokens)).toBeGreaterThan(0);
        expect(record).toMatchObject({ estimated: false, outcome: 'success' });
      },
    );

    it('usage that the client requested stays in the stream', async () => {
      serve(whole, 1000);
      const body = { ...asked, stream_options: { include_usage: true } };
      const { text } = await (await send(body)).ended;
      expect(text).toBe(whole);
      expect(stage.fake.received[0]!.body.toString()).toBe(JSON.stringify(body));
    });

    it('usage is estimated, and marked so, when the client disconnects before it arrives', async () => {
      const { answer } = await begun({ ...STREAMS[0]!, first: whole.split('\n\n').slice(0, 6).join('\n\n') + '\n\n' });
      answer.abort();
      const record = await eventually(async () => {
        const found = await recordOf(answer);
        return found.outcome === 'client_aborted' && found;
      }, 'the record');
      expect(record.estimated).toBe(true);
      expect(Number(record.input_tokens)).toBeGreaterThan(0);
      expect(Number(record.output_tokens)).toBeGreaterThan(0);
    });
  });
});

describe('a shutdown', () => {
  const HEADERS = (key: VirtualKey): HeaderList => [JSON_TYPE, bearer(key.value)];
  const family = STREAMS[0]!;
  let stage: Stage;
  let key: VirtualKey;
  let held: ControlledResponses;
  beforeEach(async () => {
    stage = await startStage();
    key = await stage.virtualKey();
    held = new ControlledResponses();
    stage.fake.on('POST', family.upstreamPath, held.respond);
  }, 60_000);
  afterEach(() => stage.close());

  const begun = async () => {
    const asked = stage.wire.open('POST', '/v1/openai/chat/completions', HEADERS(key), family.body);
    const { response } = await held.next();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(family.first);
    const answer = await asked;
    await answer.until(family.first.trim());
    return { answer, response };
  };

  it('a shutdown lets open streams end, refuses new calls with 503 and makes /readyz 503', async () => {
    const { answer, response } = await begun();
    expect((await stage.wire.call('GET', '/readyz')).status).toBe(200);
    const done = stage.gateway.app.shutDown(20_000);
    const ready = await stage.wire.call('GET', '/readyz');
    expect([ready.status, ready.json.process]).toEqual([503, 'draining']);
    expect((await stage.wire.call('GET', '/livez')).status).toBe(200);
    const refused = await stage.wire.call('POST', '/v1/openai/chat/completions', HEADERS(key), family.body);
    expectRefusal('openai', refused, { status: 503, code: 'shutting_down' });
    expect(refused.headers).toMatchObject({ 'retry-after': '1', connection: 'close' });
    expect((await stage.wire.call('GET', '/api/me', [bearer(stage.gateway.adminKey)])).status).toBe(503);
    expect(stage.fake.started).toBe(1);
    response.write(family.second);
    await answer.until(family.second.trim());
    response.end('data: [DONE]\n\n');
    expect(await answer.ended).toEqual({ complete: true, text: `${family.first}${family.second}data: [DONE]\n\n` });
    await done;
    await expect(stage.wire.call('GET', '/livez')).rejects.toThrow();
  });

  it('a shutdown cuts streams that do not end in time with an error event, and records them', async () => {
    const { answer } = await begun();
    await stage.gateway.app.shutDown(50);
    const { complete, text } = await answer.ended;
    expect(complete).toBe(true);
    expect(text).toMatch(family.error('shutting_down'));
    // Records are written before the application ends; the database is still open.
    const [record] = await stage.sql('SELECT * FROM interaction WHERE id = $1', [answer.headers['x-request-id']]);
    expect(record).toMatchObject({ outcome: 'cut', error_code: 'shutting_down' });
  });

  it('a shutdown does not wait for a client that does not read', async () => {
    stage.fake.on('POST', family.upstreamPath, async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (!response.destroyed) {
        if (!response.write(`data: ${'x'.repeat(MIB)}\n\n`)) await drained(response);
      }
    });
    const socket = await stage.wire.socket();
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(
      `POST /v1/openai/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key.value}\r\nContent-Type: application/json\r\nContent-Length: ${family.body.length}\r\n\r\n${family.body}`,
    );
    await eventually(() => stage.fake.received.length > 0, 'the call');
    let over = false;
    void stage.gateway.app.shutDown(50).then(() => (over = true));
    await eventually(() => over, 'the shutdown', 8_000).finally(() => socket.destroy());
  });

  it('a shutdown does not wait for a client that does not send its body', async () => {
    const request = stage.wire.start('POST', '/v1/openai/chat/completions', [
      ...HEADERS(key),
      ['content-length', '1000'],
    ]);
    request.on('error', () => undefined);
    request.write('{');
    const open = stage.gateway.app.nest.get(RunningCalls);
    await eventually(() => open.count > 0, 'the call to be let in');
    let over = false;
    void stage.gateway.app.shutDown(50).then(() => (over = true));
    await eventually(() => over, 'the shutdown', 8_000).finally(() => request.destroy());
  });
});
