import { dialectOf } from './dialect-registry.js';

const anthropic = dialectOf('anthropic');
const gemini = dialectOf('gemini');
const cohere = dialectOf('cohere');
const NOTHING = {
  model: null,
  streaming: false,
  maxOutputTokens: null,
  usageToInject: false,
  otherModels: [],
  claimedSession: null,
};

describe('an Anthropic request', () => {
  it('tells model, streaming and ceiling from its body', () => {
    const body = Buffer.from('{"model":"claude-sonnet-4-5","max_tokens":64000,"stream":true,"messages":[]}');
    const facts = { ...NOTHING, model: 'claude-sonnet-4-5', streaming: true, maxOutputTokens: 64_000 };
    expect(anthropic.inspect(body, 'v1/messages?beta=true')).toEqual(facts);
  });

  it('says nothing without a body or as an upload, and is refused with a second model', () => {
    expect(anthropic.inspect(Buffer.alloc(0), 'v1/models')).toEqual(NOTHING);
    expect(anthropic.inspect(Buffer.from('--b\r\n'), 'v1/files')).toEqual(NOTHING);
    const twice = Buffer.from('{"model":"a","\\u006dodel":"b"}');
    expect(() => anthropic.inspect(twice, 'v1/messages')).toThrow(/second "model"/);
    expect(() => anthropic.inspect(Buffer.from('--b\r\n'), 'v1/messages')).toThrow(/an object is expected/);
  });
});

describe('a Gemini request', () => {
  const inspect = (path: string, body: string) => gemini.inspect(Buffer.from(body), path);

  it('tells model and streaming from its path and the ceiling from its body, in either spelling', () => {
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

  it('is refused when it names the ceiling in both spellings', () => {
    for (const body of [
      '{"generationConfig":{},"generation_config":{}}',
      '{"generationConfig":{"maxOutputTokens":1,"max_output_tokens":2}}',
    ]) {
      expect(() => inspect('v1/models/m:generateContent', body)).toThrow(/has both/);
    }
  });
});

describe('a Cohere request', () => {
  it('tells model, streaming and ceiling from its body', () => {
    const body = Buffer.from('{"stream":true,"model":"command-a-03-2025","messages":[],"max_tokens":50}');
    const facts = { ...NOTHING, model: 'command-a-03-2025', streaming: true, maxOutputTokens: 50 };
    expect(cohere.inspect(body, 'v2/chat')).toEqual(facts);
    expect(cohere.inspect(Buffer.alloc(0), 'v1/models')).toEqual(NOTHING);
  });
});

describe('a MiniMax stream', () => {
  it('tells an error by its base_resp', () => {
    const meter = dialectOf('openai').meter('text/event-stream', 'chat/completions');
    meter.push(
      Buffer.from(
        'data: {"id":"1","choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}\n\n',
      ),
    );
    expect(meter.read().errorInBody).toBe('1008');
  });
});
