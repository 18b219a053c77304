import { GatewayError, type GatewayErrorOptions } from '../../platform/errors/gateway-error.js';
import type { ErrorCode } from '../../platform/errors/error-catalog.js';
import { decodeFrame, encodeFrame } from '../wire/event-stream.js';
import { getDialect } from './registry.js';

const bedrock = getDialect('bedrock');
const NOTHING = {
  model: null,
  streaming: false,
  maxOutputTokens: null,
  usageToInject: false,
  otherModels: [],
  claimedSession: null,
};
const error = (code: ErrorCode, options?: GatewayErrorOptions) => new GatewayError(code, 'Say what to do.', options);

describe('a Bedrock request', () => {
  const inspect = (path: string, body: unknown) => bedrock.inspect(Buffer.from(JSON.stringify(body)), path);

  it('model and streaming of a Bedrock request are read from its path', () => {
    expect(inspect('model/us.amazon.nova-pro-v1%3A0/converse-stream', { inferenceConfig: { maxTokens: 9 } })).toEqual({
      ...NOTHING,
      model: 'us.amazon.nova-pro-v1:0',
      streaming: true,
      maxOutputTokens: 9,
    });
    const arn = 'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc';
    expect(inspect(`model/${arn}/invoke`, {})).toMatchObject({
      model: 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc',
      streaming: false,
    });
    expect(bedrock.inspect(Buffer.alloc(0), 'foundation-models')).toEqual(NOTHING);
  });

  it.each([
    [{ anthropic_version: 'bedrock-2023-05-31', max_tokens: 7 }],
    [{ max_gen_len: 7 }],
    [{ textGenerationConfig: { maxTokenCount: 7 } }],
    [{ inferenceConfig: { max_new_tokens: 7 } }],
    [{ max_tokens: 5, max_completion_tokens: 7, inferenceConfig: null }],
  ])('the output limit of an InvokeModel request is read from %j', (body) => {
    expect(inspect('model/m/invoke', body).maxOutputTokens).toBe(7);
  });

  it('a Bedrock request that is not an object, or whose limit is not a number, is refused', () => {
    expect(() => bedrock.inspect(Buffer.from('[1]'), 'model/m/converse')).toThrow(/an object is expected/);
    expect(() => inspect('model/m/converse', { inferenceConfig: [] })).toThrow(/"inferenceConfig" must be an object/);
    expect(() => inspect('model/m/converse', { inferenceConfig: { maxTokens: '9' } })).toThrow(/must be a number/);
  });
});

describe('the meter of a streamed InvokeModel response of Claude', () => {
  it('the meter counts one-hour cache writes separately', () => {
    const meter = bedrock.createMeter('application/vnd.amazon.eventstream', 'model/m/invoke-with-response-stream');
    const events = [
      {
        type: 'message_start',
        message: {
          usage: {
            input_tokens: 4,
            output_tokens: 1,
            cache_creation_input_tokens: 50,
            cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
          },
        },
      },
      {
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 9, cacheWriteInputTokenCount: 50 },
      },
    ];
    for (const event of events) {
      const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
      meter.push(encodeFrame('event', 'chunk', { bytes }));
    }
    expect(meter.read().usage).toMatchObject({
      inputTokens: 54,
      cacheWriteTokens: 50,
      longCacheWriteTokens: 30,
      outputTokens: 9,
    });
  });
});

describe("errors in Bedrock's form", () => {
  it.each([
    ['invalid_body', 400, 'ValidationException', 'validationException'],
    ['credential_invalid', 401, 'AccessDeniedException', 'validationException'],
    ['budget_exceeded', 402, 'ServiceQuotaExceededException', 'validationException'],
    ['policy_denied', 403, 'AccessDeniedException', 'validationException'],
    ['proxy_not_found', 404, 'ResourceNotFoundException', 'validationException'],
    ['body_too_large', 413, 'ValidationException', 'validationException'],
    ['rate_limited', 429, 'ThrottlingException', 'throttlingException'],
    ['internal_error', 500, 'InternalServerException', 'internalServerException'],
    ['upstream_unreachable', 502, 'ServiceUnavailableException', 'serviceUnavailableException'],
    ['upstream_timeout', 504, 'ModelTimeoutException', 'serviceUnavailableException'],
  ] as const)('the error %s has status %i and type %s', (code, status, type, inStream) => {
    const rendered = bedrock.renderError(error(code), 'req-1');
    expect(rendered).toMatchObject({ status, headers: { 'x-amzn-errortype': type, 'x-gateway-error': code } });
    expect(JSON.parse(rendered.body)).toEqual({ message: 'Say what to do.' });
    expect(decodeFrame(bedrock.renderStreamError(error(code), 'req-1', ''))).toMatchObject({
      kind: 'exception',
      name: inStream,
      payload: Buffer.from('{"message":"Say what to do."}'),
    });
  });

  it('a Bedrock error shows neither internal details nor reason nor cause', () => {
    const secret = error('internal_error', { internal: 'secret-a', reason: 'secret-b', cause: new Error('secret-c') });
    const { headers, body } = bedrock.renderError(secret, 'r');
    const frame = bedrock.renderStreamError(secret, 'r', '').toString('latin1');
    expect(JSON.stringify(headers) + body + frame).not.toContain('secret-');
  });

  it('a Bedrock error contains retry-after and retry-after-ms', () => {
    const { headers } = bedrock.renderError(error('rate_limited', { retryAfterSeconds: 3 }), 'r');
    expect(headers).toMatchObject({ 'retry-after': '3', 'retry-after-ms': '3000' });
  });
});

describe('a stream that is not an event stream', () => {
  it('bytes without frames are metered as nothing without failing', () => {
    for (const text of ['<html>no frames here</html>', '\u0000\u0000\u0000\u0001', '']) {
      const meter = bedrock.createMeter('application/vnd.amazon.eventstream', 'model/m/converse-stream');
      meter.push(Buffer.from(text));
      meter.push(Buffer.from(text));
      expect(meter.read()).toMatchObject({ usage: null, errorInBody: null });
    }
  });
});
