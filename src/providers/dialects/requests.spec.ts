import { getDialect } from './registry.js';

const anthropic = getDialect('anthropic');
const gemini = getDialect('gemini');
const cohere = getDialect('cohere');
const ollama = getDialect('ollama');
const NOTHING = {
  model: null,
  streaming: false,
  maxOutputTokens: null,
  usageToInject: false,
  otherModels: [],
  claimedSession: null,
};

describe('an Anthropic request', () => {
  it('model, streaming and output limit are read from an Anthropic request', () => {
    const body = Buffer.from('{"model":"claude-sonnet-4-5","max_tokens":64000,"stream":true,"messages":[]}');
    const facts = { ...NOTHING, model: 'claude-sonnet-4-5', streaming: true, maxOutputTokens: 64_000 };
    expect(anthropic.inspect(body, 'v1/messages?beta=true')).toEqual(facts);
  });

  it('an Anthropic request without a body says nothing, and one with a second model is refused', () => {
    expect(anthropic.inspect(Buffer.alloc(0), 'v1/models')).toEqual(NOTHING);
    expect(anthropic.inspect(Buffer.from('--b\r\n'), 'v1/files')).toEqual(NOTHING);
    const twice = Buffer.from('{"model":"a","\\u006dodel":"b"}');
    expect(() => anthropic.inspect(twice, 'v1/messages')).toThrow(/second "model"/);
    expect(() => anthropic.inspect(Buffer.from('--b\r\n'), 'v1/messages')).toThrow(/an object is expected/);
  });
});

describe('a Gemini request', () => {
  const inspect = (path: string, body: string) => gemini.inspect(Buffer.from(body), path);

  it('a Gemini request has model and streaming in its path and the limit in its body', () => {
    expect(
      inspect(
        'v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
        '{"generationConfig":{"maxOutputTokens":9}}',
      ),
    ).toEqual({
      ...NOTHING,
      model: 'gemini-2.5-flash',
      streaming: true,
      maxOutputTokens: 9,
    });
    expect(
      inspect('v1/tunedModels/mine:generateContent', '{"generation_config":{"max_output_tokens":7}}'),
    ).toMatchObject({
      model: 'tunedModels/mine',
      streaming: false,
      maxOutputTokens: 7,
    });
    expect(inspect('v1beta/models', '')).toEqual(NOTHING);
  });

  it('a Gemini request with the limit in both spellings is refused', () => {
    for (const body of [
      '{"generationConfig":{},"generation_config":{}}',
      '{"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}}',
    ]) {
      expect(() => inspect('v1/models/m:generateContent', body)).toThrow(/has both/);
    }
  });
});

describe('a Cohere request', () => {
  it('model, streaming and output limit are read from a Cohere request', () => {
    const body = Buffer.from('{"stream":true,"model":"command-a-03-2025","messages":[],"max_tokens":50}');
    const facts = { ...NOTHING, model: 'command-a-03-2025', streaming: true, maxOutputTokens: 50 };
    expect(cohere.inspect(body, 'v2/chat')).toEqual(facts);
    expect(cohere.inspect(Buffer.alloc(0), 'v1/models')).toEqual(NOTHING);
  });

  it.each([
    ['v1/chat', '{"message":"Hi"}', '{"message":"Hi","model":"command-r-plus-08-2024"}'],
    ['v1/chat?x=1', '{"model":null,"message":"Hi"}', '{"model":"command-r-plus-08-2024","message":"Hi"}'],
    ['v1/embed', '{"texts":["a"],"n":12345678901234567890}', undefined],
    ['v1/chat', '{"model":"command-a-03-2025"}', '{"model":"command-a-03-2025"}'],
    ['v1/rerank', '{"query":"q"}', '{"query":"q"}'],
    ['v2/chat', '{"messages":[]}', '{"messages":[]}'],
    ['v1/chat', '', ''],
  ])("a Cohere version 1 request gets the vendor's default model: %s %s", (path, body, expected) => {
    const named = cohere.addDefaultModel!(Buffer.from(body), path).toString();
    expect(named).toBe(expected ?? '{"texts":["a"],"n":12345678901234567890,"model":"embed-english-v2.0"}');
  });
});

describe('an Ollama request', () => {
  const inspect = (path: string, body: object | string) =>
    ollama.inspect(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), path);

  it('an Ollama request streams by default and has its limit in options', () => {
    const model = 'llama3.2:3b';
    expect(inspect('api/chat', { model, messages: [] })).toEqual({ ...NOTHING, model, streaming: true });
    expect(inspect('api/generate?x', { model, stream: null })).toMatchObject({ streaming: true });
    expect(inspect('api/chat', { model, stream: false, options: { seed: 1, num_predict: 9 } })).toEqual({
      ...{ ...NOTHING, model, maxOutputTokens: 9 },
    });
    expect(inspect('api/embed', { model, input: 'a' })).toEqual({ ...NOTHING, model });
    expect(inspect('api/show', { name: model })).toEqual({ ...NOTHING, model });
    expect(inspect('api/tags', '')).toEqual(NOTHING);
  });

  it('an Ollama request with a negative or null num_predict has no limit', () => {
    for (const num_predict of [-1, -2, null])
      expect(inspect('api/chat', { model: 'm', options: { num_predict } }).maxOutputTokens).toBeNull();
  });

  it.each([
    ['{"model":"a","Model":"b"}', /another case/],
    ['{"model":"a","options":[1]}', /"options" must be an object/],
    ['{"model":"a","options":{"num_predict":"9"}}', /must be a number/],
    ['{"model":"a","stream":"yes"}', /true or false/],
    ['[]', /an object is expected/],
  ])('an ambiguous Ollama request is refused: %s', (body, problem) => {
    expect(() => inspect('api/chat', body)).toThrow(problem);
  });
});

describe('a MiniMax stream', () => {
  it('the meter of a MiniMax stream reads an error from base_resp', () => {
    const meter = getDialect('openai').createMeter('text/event-stream', 'chat/completions');
    meter.push(
      Buffer.from(
        'data: {"id":"1","choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}\n\n',
      ),
    );
    expect(meter.read().errorInBody).toBe('1008');
  });
});
