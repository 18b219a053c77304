/** Promise: an error with a status of success is recognized, with the status that it means; a response never is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProvider } from '../registry.js';
import type { DialectId } from './base/dialect.js';
import { getDialect } from './registry.js';

const statusIn = (dialect: DialectId, body: object | string, headers: Record<string, string> = {}): number | null =>
  getDialect(dialect).readFailedStatus(
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    (name) => headers[name] ?? null,
  );

const error = (told: object) => ({ error: { message: 'No.', ...told } });

describe("OpenAI's errors with a status of success", () => {
  it.each([
    [error({ code: 'invalid_api_key', type: 'invalid_request_error' }), 401],
    [error({ code: 'context_length_exceeded', type: 'invalid_request_error' }), 400],
    [error({ code: 'model_not_found', type: 'invalid_request_error' }), 404],
    [error({ code: 'rate_limit_exceeded', type: 'tokens' }), 429],
    [error({ code: 'insufficient_quota', type: 'insufficient_quota' }), 429],
    [error({ code: null, type: 'server_error' }), 500],
    [error({ code: null, type: 'overloaded' }), 503],
    [error({ code: 402 }), 402],
    [error({ code: '429' }), 429],
    [error({ code: 1113 }), 502],
    [{ error: 'Something went wrong.' }, 502],
    [{ object: 'error', message: 'No.', type: 'invalid_request_message', param: null, code: '3051' }, 400],
    [{ message: 'No.', type: 'too_many_requests_error', param: 'quota', code: 'request_quota_exceeded' }, 429],
    [{ detail: 'Unauthorized' }, 502],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529],
    [{ base_resp: { status_code: 1002, status_msg: 'rate limit' }, choices: null }, 429],
    [{ base_resp: { status_code: 4242, status_msg: '?' } }, 500],
    [{ choices: [{ index: 0, error: { code: 429, message: 'No.' }, finish_reason: 'error' }] }, 429],
  ])('the OpenAI body %j means status %i', (body, status) => {
    expect(statusIn('openai', body)).toBe(status);
  });

  it.each([
    { id: 'x', choices: [{ index: 0, message: { role: 'assistant', content: '"error"' } }], error: null },
    { id: 'x', choices: [{ index: 0, error: null }] },
    { choices: [], base_resp: { status_code: 0, status_msg: '' } },
    { object: 'response', status: 'failed', error: { code: 'server_error', message: 'No.' } },
    { object: 'list', data: [] },
    [],
    '',
    '{"error":',
    '<html>',
  ])('the OpenAI body %j is not an error', (body) => {
    expect(statusIn('openai', body)).toBeNull();
  });
});

it.each([
  ['anthropic', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529],
  ['anthropic', { type: 'error', error: { type: 'rate_limit_error', message: 'No.' } }, 429],
  ['anthropic', { type: 'error', error: { type: 'request_too_large', message: 'No.' } }, 413],
  ['gemini', { error: { code: 429, message: 'No.', status: 'RESOURCE_EXHAUSTED' } }, 429],
  ['gemini', [{ error: { code: 400, message: 'No.', status: 'INVALID_ARGUMENT' } }], 400],
  ['gemini', { error: { message: 'No.', status: 'UNAVAILABLE' } }, 503],
  ['cohere', { id: 'x', message: 'No.' }, 502],
  ['cohere', { id: 'x', message: 'No.', status: 'too many requests' }, 429],
  ['bedrock', { message: 'No.' }, 502],
  ['bedrock', { __type: 'com.amazon.coral.service#ThrottlingException', Message: 'No.' }, 429],
  ['bedrock', { Output: { __type: 'com.amazon.coral.service#UnknownOperationException' }, Version: '1.0' }, 404],
] as const)('the %s body %j means status %i', (dialect, body, status) => {
  expect(statusIn(dialect, body)).toBe(status);
});

it('the header x-amzn-errortype marks a Bedrock response as failed', () => {
  const headers = { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/' };
  expect(statusIn('bedrock', '{}', headers)).toBe(400);
});

describe('recorded responses', () => {
  const fixtures = join(process.cwd(), 'test/fixtures/wire');
  const files = readdirSync(fixtures, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(fixtures, name))
        .filter((file) => file.endsWith('.json') && file !== 'expected.json')
        .map((file) => [name, file] as const),
    );

  it.each(files)('the recorded %s response %s is a failure only if it is an error', (provider, file) => {
    const body = readFileSync(join(fixtures, provider, file), 'utf8');
    const isError = file.startsWith('error');
    expect(statusIn(findProvider(provider)!.dialect, body) !== null).toBe(isError);
  });
});
