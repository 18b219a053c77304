/** Promises for Anthropic's own SDK on both wires, that of 2023-06-01 and that of 2026-10-21. */
import type Anthropic from '@anthropic-ai/sdk';
import { dying, inTurn, openStream, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

export interface AnthropicSdk {
  Sdk: typeof Anthropic;
  /** Version of the API that the SDK sends in `anthropic-version`. */
  version: string;
  /** The header in which the SDK sends an API key. */
  keyHeader: 'authorization' | 'x-api-key';
  model: string;
  /** The recorded response, its text, and the parameters that only this wire accepts. */
  whole: string;
  text: string;
  streamed: string;
  streamedText: string;
  more: object;
}

export function describeAnthropicSdk(sdk: AnthropicSdk): void {
  const { Sdk, model } = sdk;
  const ask = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Grüß Gott! 👋' }], ...sdk.more };

  let scenario: Scenario;
  beforeAll(async () => void (scenario = await Scenario.start('anthropic')));
  afterAll(() => scenario.close());
  beforeEach(() => scenario.forget());

  const client = ({ baseUrl, key }: Target): Anthropic =>
    new Sdk({
      baseURL: baseUrl,
      apiKey: key || 'unused',
      ...(key ? {} : { defaultHeaders: { [sdk.keyHeader]: null } }),
    });
  const virtual = (): Anthropic => client(scenario.target(scenario.keys.virtual));
  const vendor = (answer: Parameters<typeof scenario.vendor.on>[2]): void =>
    void scenario.vendor.on('POST', '/v1/messages', answer);
  const read = async (): Promise<void> => {
    for await (const _ of await virtual().messages.create({ ...ask, stream: true }));
  };

  describe.each(AUTH_METHODS)('%s', (name) => {
    const wayIn = () => scenario.authMethod(name);

    it("Anthropic's SDK receives a message in its version of the API", async () => {
      vendor(replay('anthropic', sdk.whole));
      const { data, request_id } = await client(wayIn().target).messages.create(ask).withResponse();
      expect(data).toMatchObject(wireJson('anthropic', sdk.whole));
      expect(data.content.at(-1)).toMatchObject({ type: 'text', text: sdk.text });
      expect(scenario.sent.last().headers.get(sdk.keyHeader)).toContain(wayIn().target.key);
      const arrived = scenario.arrived();
      expect(arrived.line).toBe('POST /v1/messages');
      expect(arrived.credentials).toEqual({ 'x-api-key': wayIn().providerKey });
      expect(arrived.headers['anthropic-version']).toBe(sdk.version);
      expect(arrived.body).toEqual(ask);
      await scenario.expectMetered(wayIn(), sdk.whole, { operation: 'chat', requestedModel: model });
      expect(request_id).toBe((await scenario.record()).requestId);
    });

    it("Anthropic's SDK receives a message stream", async () => {
      vendor(replay('anthropic', sdk.streamed));
      const stream = client(wayIn().target).messages.stream(ask);
      expect(await stream.finalText()).toBe(sdk.streamedText);
      const { usage } = await stream.finalMessage();
      const expected = wireJson('anthropic', 'expected.json')[sdk.streamed].usage;
      expect(usage).toMatchObject({ output_tokens: expected.outputTokens });
      expect(scenario.arrived().body).toEqual({ ...ask, stream: true });
      await scenario.expectMetered(wayIn(), sdk.streamed, { operation: 'chat', requestedModel: model });
    });

    it("Anthropic's SDK counts tokens at no cost", async () => {
      scenario.vendor.on('POST', '/v1/messages/count_tokens', replay('anthropic', 'count-tokens.json'));
      const counted = await client(wayIn().target).messages.countTokens({ model, messages: ask.messages });
      expect(counted.input_tokens).toBe(2095);
      expect(scenario.arrived().credentials).toEqual({ 'x-api-key': wayIn().providerKey });
      expect(await scenario.record()).toMatchObject({ ...wayIn().record, operation: 'count_tokens', costUsd: 0 });
    });

    it("Anthropic's SDK lists models", async () => {
      scenario.vendor.on('GET', '/v1/models', replay('anthropic', 'models.json'));
      const ids: string[] = [];
      for await (const listed of client(wayIn().target).models.list()) ids.push(listed.id);
      expect(ids).toEqual(['claude-sonnet-4-5-20250929', 'claude-opus-5-5']);
      expect(scenario.arrived().line).toBe('GET /v1/models');
    });

    it("a stream that Anthropic's SDK aborts is canceled at the provider and recorded as client_aborted", async () => {
      const open = openStream('anthropic', sdk.streamed, 4);
      vendor(open.answer);
      const stream = await client(wayIn().target).messages.create({ ...ask, stream: true });
      for await (const event of stream) if (event.type === 'content_block_delta') break;
      await open.closed;
      expect(await scenario.record()).toMatchObject({
        ...wayIn().record,
        outcome: 'client_aborted',
        streaming: true,
      });
    });

    it("Anthropic's SDK throws an APIError when the provider's connection breaks in mid-stream", async () => {
      vendor(dying('anthropic', sdk.streamed, 4));
      const error = await rejection(client(wayIn().target).messages.stream(ask).finalMessage());
      expect(error).toBeInstanceOf(Sdk.APIError);
      expect(error.error).toMatchObject({ type: 'error', error: { type: 'api_error', message: BROKEN_OFF } });
      expect(error.message).toBe(JSON.stringify(error.error));
      expect(scenario.vendor.started).toBe(1);
      const record = await scenario.record();
      expect(record).toMatchObject({ ...wayIn().record, outcome: 'error', errorCode: 'upstream_unreachable' });
      expect(error.error.request_id).toBe(record.requestId);
    });
  });

  describe('refusals of the gateway', () => {
    const kinds: Record<number, readonly [unknown, string]> = {
      400: [Sdk.BadRequestError, 'invalid_request_error'],
      401: [Sdk.AuthenticationError, 'authentication_error'],
      403: [Sdk.PermissionDeniedError, 'permission_error'],
    };

    it.each(REFUSALS)(
      "the refusal for $name is an exception class of Anthropic's SDK with the gateway's message",
      async (refusal) => {
        const { status, code } = refusal;
        const error = await rejection(client(refusal.target(scenario)).messages.create(ask));
        const [type, typeName] = kinds[status]!;
        expect(error).toBeInstanceOf(type);
        const message = refusal.sentence(scenario, { providerName: 'Anthropic', model });
        expect(error.error).toMatchObject({ type: 'error', error: { type: typeName, message } });
        expect(error.message).toBe(`${status} ${JSON.stringify(error.error)}`);
        expect(error.headers.get('x-gateway-error')).toBe(code);
        await expectRefused(scenario, refusal);
        const { requestId } = await scenario.record();
        expect([error.requestID, error.error.request_id]).toEqual([requestId, requestId]);
      },
    );
  });

  describe('errors of the provider', () => {
    const recorded = wireJson('anthropic', 'error.json');

    it("a provider error 400 reaches Anthropic's SDK unchanged without a retry", async () => {
      vendor(replay('anthropic', 'error.json', 400, { 'request-id': recorded.request_id }));
      const error = await rejection(virtual().messages.create(ask));
      expect(error).toBeInstanceOf(Sdk.BadRequestError);
      expect(error.error).toEqual(recorded);
      expect(error.message).toBe(`400 ${JSON.stringify(recorded)}`);
      expect(error.headers.get('x-upstream-request-id')).toBe(recorded.request_id);
      expect(scenario.vendor.started).toBe(1);
      const record = await scenario.record();
      expect(record).toMatchObject({ status: 400, outcome: 'upstream_error', errorCode: null });
      expect(error.requestID).toBe(record.requestId);
    });

    it.each([
      [429, () => Sdk.RateLimitError],
      [500, () => Sdk.InternalServerError],
      [529, () => Sdk.InternalServerError],
    ])("Anthropic's SDK retries a provider error %i as its headers ask and then throws it", async (status, type) => {
      vendor(replay('anthropic', 'error.json', status, { 'retry-after-ms': '1' }));
      const error = await rejection(virtual().messages.create(ask));
      expect(error).toBeInstanceOf(type());
      expect(error).toMatchObject({ status, error: recorded });
      expect(scenario.vendor.started).toBe(3);
      expect((await scenario.records()).slice(0, 3).map((record) => record.status)).toEqual([status, status, status]);
    });

    it("Anthropic's SDK retries a provider error 529 and succeeds", async () => {
      const overloaded = replay('anthropic', 'error.json', 529, { 'retry-after-ms': '1' });
      vendor(inTurn(overloaded, replay('anthropic', sdk.whole)));
      expect((await virtual().messages.create(ask)).usage.output_tokens).toBe(42);
      expect(scenario.vendor.started).toBe(2);
    });

    it("Anthropic's SDK throws an error event of a stream in the provider's words", async () => {
      vendor(replay('anthropic', 'stream-error.sse'));
      const error = await rejection(read());
      expect(error).toBeInstanceOf(Sdk.APIError);
      expect(error.error.error).toEqual({ type: 'overloaded_error', message: 'Overloaded' });
      expect(await scenario.record()).toMatchObject({ status: 200, outcome: 'upstream_error', streaming: true });
    });
  });
}
