import fc from 'fast-check';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { openAiDialect } from '../openai.dialect.js';

const inspect = (body: string, path = 'chat/completions') => openAiDialect.inspect(Buffer.from(body), path);
const asked = (body: string) => openAiDialect.requestStreamUsage(Buffer.from(body)).toString();

describe('an OpenAI request', () => {
  it('model, streaming and the highest output limit are read from an OpenAI request', () => {
    expect(inspect('{"model":"gpt-5.4","stream":true,"max_tokens":5,"max_completion_tokens":100}')).toEqual({
      model: 'gpt-5.4',
      streaming: true,
      maxOutputTokens: 100,
      usageToInject: true,
      otherModels: [],
      claimedSession: null,
    });
    expect(inspect('{"model":"m","input":"x","stream":true,"max_output_tokens":7}', 'responses')).toMatchObject({
      maxOutputTokens: 7,
      usageToInject: false,
    });
  });

  it('the fallback models of an OpenAI request are read from models', () => {
    expect(inspect('{"model":"a/b","models":["c/d","e/f"]}').otherModels).toEqual(['c/d', 'e/f']);
  });

  it('usage is to be injected only into Chat and completions streams without include_usage', () => {
    const stream = (options: string) => inspect(`{"model":"m","stream":true${options}}`).usageToInject;
    expect(stream('')).toBe(true);
    expect(stream(',"stream_options":null')).toBe(true);
    expect(stream(',"stream_options":{}')).toBe(true);
    expect(stream(',"stream_options":{"include_usage":false}')).toBe(true);
    expect(stream(',"stream_options":{"include_usage":true}')).toBe(false);
    expect(inspect('{"model":"m","stream":false}').usageToInject).toBe(false);
    expect(inspect('{"model":"m","stream":true}', 'completions').usageToInject).toBe(true);
    expect(
      inspect('{"model":"m","stream":true}', 'openai/deployments/d/chat/completions?api-version=1').usageToInject,
    ).toBe(true);
    expect(inspect('{"model":"m","stream":true}', 'embeddings').usageToInject).toBe(false);
  });

  it.each([
    ['{"model":"m","stream":true}', '{"stream_options":{"include_usage":true},"model":"m","stream":true}'],
    ['{ "stream_options": null,"a":1.0}', '{ "stream_options": {"include_usage":true},"a":1.0}'],
    ['{"stream_options":{ }}', '{"stream_options":{"include_usage":true }}'],
    ['{"stream_options":{"x":1}}', '{"stream_options":{"include_usage":true,"x":1}}'],
    ['{"stream_options":{"include_usage" : false}}', '{"stream_options":{"include_usage" : true}}'],
  ])('include_usage is injected without changing another byte: %s', (body, expected) => {
    expect(asked(body)).toBe(expected);
  });

  it('injecting include_usage keeps all other members of any request', () => {
    const options = fc.option(fc.dictionary(fc.string(), fc.jsonValue()), { nil: undefined });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), options, (rest, stream_options) => {
        fc.pre(!Object.keys({ ...rest, ...stream_options }).some((key) => /^(model|stream|max|include)/i.test(key)));
        const request = { ...rest, stream: true, ...(stream_options ? { stream_options } : {}) };
        const before = JSON.parse(JSON.stringify(request)) as typeof request;
        const after = JSON.parse(asked(JSON.stringify(request))) as typeof request;
        expect(after).toEqual({ ...before, stream_options: { ...before.stream_options, include_usage: true } });
      }),
    );
  });

  it('a request without a body, or an upload, has no model and no limit', () => {
    const nothing = {
      model: null,
      streaming: false,
      maxOutputTokens: null,
      usageToInject: false,
      otherModels: [],
      claimedSession: null,
    };
    expect(inspect('', 'models')).toEqual(nothing);
    expect(inspect('--x\r\nContent-Disposition: form-data', 'audio/transcriptions')).toEqual(nothing);
    expect(inspect('{"custom_id":"1"}\n{"custom_id":"2"}', 'files')).toEqual(nothing);
  });

  it.each([
    ['--x\r\nContent-Disposition: form-data', 'chat/completions'],
    ['model=gpt', 'chat/completions'],
    ['[]', 'embeddings'],
    ['{"model":5}', 'chat/completions'],
    ['{"model":"a","model":"b"}', 'images/generations'],
    ['{"model":"a","stream":"true"}', 'chat/completions'],
    ['{"model":"a","max_tokens":"9"}', 'chat/completions'],
    ['{"model":"a","models":[1]}', 'chat/completions'],
    ['{"model":"a","stream":true,"stream_options":[]}', 'chat/completions'],
  ])('an ambiguous request is refused with invalid_body: %s on %s', (body, path) => {
    expect(() => inspect(body, path)).toThrow(GatewayError);
    expect(() => inspect(body, path)).toThrow(expect.objectContaining({ code: 'invalid_body' }));
  });
});
