/** Promise: Groq's own SDK, which puts `openai/v1` into its paths, works against the gateway as against Groq. */
import Groq from 'groq-sdk';
import { dying, inTurn, openStream, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'llama-3.3-70b-versatile';
const ASK = { model: MODEL, messages: [{ role: 'user' as const, content: 'Grüß Gott! 👋' }] };

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('groq')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const client = ({ baseUrl, key }: Target): Groq =>
  new Groq({ baseURL: baseUrl, apiKey: key || 'unused', ...(key ? {} : { defaultHeaders: { authorization: null } }) });
const virtual = (): Groq => client(scenario.target(scenario.keys.virtual));
const vendor = (answer: Parameters<typeof scenario.vendor.on>[2]): void =>
  void scenario.vendor.on('POST', '/openai/v1/chat/completions', answer);

async function read(groq: Groq): Promise<string> {
  let text = '';
  for await (const { choices } of await groq.chat.completions.create({ ...ASK, stream: true }))
    text += choices[0]!.delta.content ?? '';
  return text;
}

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("Groq's SDK receives a chat completion", async () => {
    vendor(replay('groq', 'chat.json'));
    const { data, response } = await client(wayIn().target).chat.completions.create(ASK).withResponse();
    expect(data).toMatchObject(wireJson('groq', 'chat.json'));
    expect(scenario.sent.last().url).toBe(`${wayIn().target.baseUrl}/openai/v1/chat/completions`);
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /openai/v1/chat/completions');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    expect(arrived.body).toEqual(ASK);
    await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'chat', requestedModel: MODEL });
    expect(response.headers.get('x-request-id')).toBe((await scenario.record()).requestId);
  });

  it("Groq's SDK receives a chat stream without the usage that the gateway requested", async () => {
    vendor(replay('groq', 'chat-stream.sse'));
    expect(await read(client(wayIn().target))).toBe('Grüß Gott!');
    expect(JSON.parse(scenario.vendor.received[0]!.body.toString())).toEqual({
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    await scenario.expectMetered(wayIn(), 'chat-stream.sse', { operation: 'chat', requestedModel: MODEL });
  });

  it("Groq's SDK lists models", async () => {
    scenario.vendor.on('GET', '/openai/v1/models', replay('groq', 'models.json'));
    const { data } = await client(wayIn().target).models.list();
    expect(data.map(({ id }) => id)).toEqual([MODEL]);
    expect(scenario.arrived().credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
  });

  it("a stream that Groq's SDK aborts is canceled at the provider and recorded as client_aborted", async () => {
    const open = openStream('groq', 'chat-stream.sse', 2);
    vendor(open.answer);
    const stream = await client(wayIn().target).chat.completions.create({ ...ASK, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    await open.closed;
    expect(await scenario.record()).toMatchObject({
      ...wayIn().record,
      outcome: 'client_aborted',
      streaming: true,
    });
  });

  it("Groq's SDK throws an APIError when the provider's connection breaks in mid-stream", async () => {
    vendor(dying('groq', 'chat-stream.sse', 3));
    const error = await rejection(read(client(wayIn().target)));
    expect(error).toBeInstanceOf(Groq.APIError);
    expect(error.message).toBe(BROKEN_OFF);
    expect(error.error).toMatchObject({ type: 'server_error', code: 'upstream_unreachable' });
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, outcome: 'error' });
  });
});

describe('refusals of the gateway', () => {
  const classes: Record<number, unknown> = {
    400: Groq.BadRequestError,
    401: Groq.AuthenticationError,
    403: Groq.PermissionDeniedError,
  };

  it.each(REFUSALS)(
    "the refusal for $name is an exception class of Groq's SDK with the gateway's message",
    async (refusal) => {
      const { status, code } = refusal;
      const error = await rejection(client(refusal.target(scenario)).chat.completions.create(ASK));
      expect(error).toBeInstanceOf(classes[status]);
      const message = refusal.sentence(scenario, { providerName: 'Groq', model: MODEL });
      expect(error.error).toMatchObject({ error: { message, code } });
      expect(error.message).toBe(`${status} ${JSON.stringify(error.error)}`);
      await expectRefused(scenario, refusal);
      expect(error.headers.get('x-request-id')).toBe((await scenario.record()).requestId);
    },
  );
});

describe('errors of the provider', () => {
  const recorded = wireJson('groq', 'error.json');

  it.each([
    [400, Groq.BadRequestError, 1],
    [404, Groq.NotFoundError, 1],
    [429, Groq.RateLimitError, 3],
    [500, Groq.InternalServerError, 3],
  ])(
    "a provider error %i reaches Groq's SDK unchanged, and 429 and 500 after two retries",
    async (status, type, tries) => {
      vendor(replay('groq', 'error.json', status, { 'retry-after-ms': '1' }));
      const error = await rejection(virtual().chat.completions.create(ASK));
      expect(error).toBeInstanceOf(type);
      expect(error.error).toEqual(recorded);
      expect(error.message).toBe(`${status} ${JSON.stringify(recorded)}`);
      expect(scenario.vendor.started).toBe(tries);
      expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
    },
  );

  it("Groq's SDK retries a provider error 429 and succeeds", async () => {
    const limited = replay('groq', 'error.json', 429, { 'retry-after-ms': '1' });
    vendor(inTurn(limited, replay('groq', 'chat.json')));
    expect((await virtual().chat.completions.create(ASK)).usage?.total_tokens).toBe(31);
    expect(scenario.vendor.started).toBe(2);
  });
});
