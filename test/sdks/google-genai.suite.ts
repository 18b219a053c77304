/** Promises for Google's own SDK on both versions of the API's paths. */
import type { GoogleGenAI } from '@google/genai';
import { dying, openStream, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

export interface GoogleSdk {
  Sdk: typeof GoogleGenAI;
  ApiError: new (...values: never[]) => Error;
  /** The prefix of the SDK's paths. */
  version: 'v1' | 'v1beta';
}

const MODEL = 'gemini-2.5-flash';
const ASK = { model: MODEL, contents: 'Grüß Gott! 👋' };
const BODY = { contents: [{ parts: [{ text: 'Grüß Gott! 👋' }], role: 'user' }] };

export function describeGoogleSdk({ Sdk, ApiError, version }: GoogleSdk): void {
  let scenario: Scenario;
  beforeAll(async () => void (scenario = await Scenario.start('gemini')));
  afterAll(() => scenario.close());
  beforeEach(() => scenario.forget());

  const client = ({ baseUrl, key }: Target): GoogleGenAI =>
    new Sdk({
      apiKey: key || 'unused',
      httpOptions: { baseUrl, ...(key ? {} : { headers: { 'x-goog-api-key': '' } }) },
    });
  const virtual = (): GoogleGenAI => client(scenario.target(scenario.keys.virtual));
  const path = (verb: string, model = MODEL): string => `/${version}/models/${model}:${verb}`;
  const vendor = (verb: string, answer: Parameters<typeof scenario.vendor.on>[2], model = MODEL): void =>
    void scenario.vendor.on('POST', path(verb, model), answer);
  const read = async (google: GoogleGenAI): Promise<string> => {
    let text = '';
    for await (const chunk of await google.models.generateContentStream(ASK)) text += chunk.text ?? '';
    return text;
  };

  describe.each(AUTH_METHODS)('%s', (name) => {
    const wayIn = () => scenario.authMethod(name);

    it("Google's SDK receives content", async () => {
      vendor('generateContent', replay('gemini', 'chat.json'));
      const answer = await client(wayIn().target).models.generateContent(ASK);
      expect(answer.text).toBe('Grüß Gott!');
      expect(answer.usageMetadata).toMatchObject(wireJson('gemini', 'chat.json').usageMetadata);
      const arrived = scenario.arrived();
      expect(arrived.line).toBe(`POST ${path('generateContent')}`);
      expect(arrived.credentials).toEqual({ 'x-goog-api-key': wayIn().providerKey });
      expect(arrived.headers['x-goog-api-client']).toMatch(/^google-genai-sdk/);
      expect(arrived.body).toEqual(BODY);
      await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'generate_content', requestedModel: MODEL });
    });

    it("Google's SDK receives a content stream", async () => {
      vendor('streamGenerateContent', replay('gemini', 'chat-stream.sse'));
      expect(await read(client(wayIn().target))).toBe('Grüß Gott! \\"usageMetadata\\": 👋');
      const arrived = scenario.arrived();
      expect(arrived.line).toBe(`POST ${path('streamGenerateContent')}?alt=sse`);
      expect(arrived.body).toEqual(BODY);
      await scenario.expectMetered(wayIn(), 'chat-stream.sse', {
        operation: 'generate_content',
        requestedModel: MODEL,
      });
    });

    it("Google's SDK counts tokens at no cost", async () => {
      vendor('countTokens', replay('gemini', 'count-tokens.json'));
      expect((await client(wayIn().target).models.countTokens(ASK)).totalTokens).toBe(31);
      expect(scenario.arrived().credentials).toEqual({ 'x-goog-api-key': wayIn().providerKey });
      expect(await scenario.record()).toMatchObject({ ...wayIn().record, operation: 'count_tokens', costUsd: 0 });
    });

    it("Google's SDK receives embeddings of a batch", async () => {
      const model = 'gemini-embedding-001';
      vendor('batchEmbedContents', replay('gemini', 'embeddings-batch.json'), model);
      const { embeddings } = await client(wayIn().target).models.embedContent({ model, contents: ['eins', 'zwei'] });
      expect(embeddings?.map(({ values }) => values?.[0])).toEqual([0.013168523, 0.02]);
      expect(scenario.arrived().line).toBe(`POST ${path('batchEmbedContents', model)}`);
      expect(await scenario.record()).toMatchObject({
        ...wayIn().record,
        operation: 'embeddings',
        requestedModel: model,
        status: 200,
      });
    });

    it("Google's SDK lists models", async () => {
      scenario.vendor.on('GET', `/${version}/models`, replay('gemini', 'models.json'));
      const names: unknown[] = [];
      for await (const model of await client(wayIn().target).models.list()) names.push(model.name);
      expect(names).toEqual(['models/gemini-2.5-flash', 'models/gemini-embedding-001']);
      expect(scenario.arrived().credentials).toEqual({ 'x-goog-api-key': wayIn().providerKey });
    });

    it("a stream that Google's SDK aborts is canceled at the provider and recorded as client_aborted", async () => {
      const open = openStream('gemini', 'chat-stream.sse', 1);
      vendor('streamGenerateContent', open.answer);
      const abort = new AbortController();
      const stream = await client(wayIn().target).models.generateContentStream({
        ...ASK,
        config: { abortSignal: abort.signal },
      });
      const error = await rejection(
        (async () => {
          for await (const _ of stream) abort.abort();
        })(),
      );
      expect(error.name).toBe('AbortError');
      await open.closed;
      expect(await scenario.record()).toMatchObject({
        ...wayIn().record,
        outcome: 'client_aborted',
        streaming: true,
      });
    });

    it("Google's SDK throws an ApiError when the provider's connection breaks in mid-stream", async () => {
      vendor('streamGenerateContent', dying('gemini', 'chat-stream.sse', 1));
      const error = await rejection(read(client(wayIn().target)));
      expect(error).toBeInstanceOf(ApiError);
      expect(error.status).toBe(502);
      expect(error.message).toContain(`"message":"${BROKEN_OFF}","status":"UNAVAILABLE"`);
      expect(scenario.vendor.started).toBe(1);
      expect(await scenario.record()).toMatchObject({
        ...wayIn().record,
        outcome: 'error',
        errorCode: 'upstream_unreachable',
      });
    });
  });

  describe('refusals of the gateway', () => {
    const statuses: Record<number, string> = {
      400: 'INVALID_ARGUMENT',
      401: 'UNAUTHENTICATED',
      403: 'PERMISSION_DENIED',
    };

    it.each(REFUSALS)(
      "the refusal for $name is an ApiError of Google's SDK with the gateway's message",
      async (refusal) => {
        const { status } = refusal;
        const error = await rejection(client(refusal.target(scenario)).models.generateContent(ASK));
        expect(error).toBeInstanceOf(ApiError);
        expect(error.status).toBe(status);
        const message = refusal.sentence(scenario, { providerName: 'Google Gemini', model: MODEL });
        expect(JSON.parse(error.message)).toEqual({
          error: { code: status, message, status: statuses[status], details: [] },
        });
        await expectRefused(scenario, refusal);
      },
    );
  });

  describe('errors of the provider', () => {
    it.each([400, 429, 500])("a provider error %i reaches Google's SDK unchanged without a retry", async (status) => {
      vendor('generateContent', replay('gemini', 'error.json', status, { 'retry-after': '1' }));
      const error = await rejection(virtual().models.generateContent(ASK));
      expect(error).toBeInstanceOf(ApiError);
      expect(error.status).toBe(status);
      expect(JSON.parse(error.message)).toEqual(wireJson('gemini', 'error.json'));
      expect(scenario.vendor.started).toBe(1);
      expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
    });

    it("Google's SDK throws an error event of a stream in the provider's words", async () => {
      vendor('streamGenerateContent', replay('gemini', 'stream-error.sse'));
      const error = await rejection(read(virtual()));
      expect(error).toBeInstanceOf(ApiError);
      expect(error.status).toBe(503);
      expect(error.message).toContain('The model is overloaded. Please try again later.');
      expect(await scenario.record()).toMatchObject({ status: 200, outcome: 'upstream_error', streaming: true });
    });
  });
}
