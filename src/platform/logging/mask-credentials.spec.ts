import { maskCredentials } from './mask-credentials.js';

const BODY = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4';

describe('maskCredentials', () => {
  it.each([
    `arch_${BODY}`,
    `arch_api_${BODY}`,
    `archestra_${BODY}`,
    `llm_at_${BODY}`,
    `llm_ut_${BODY}`,
    `llm_rt_${BODY}`,
    `llm_secret_${BODY}`,
    `sk-proj-${BODY}`,
    `sk-ant-api03-${BODY}`,
    `gsk_${BODY}`,
    `AIzaSy${BODY}`,
    `xai-${BODY}`,
    `eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.${BODY}`,
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
  ])('the credential %s is masked anywhere in a text', (secret) => {
    expect(maskCredentials(secret)).toBe('[masked]');
    expect(maskCredentials(`/api/users/${secret}/x`)).toBe('/api/users/[masked]/x');
    expect(maskCredentials(`Bearer ${secret}`)).toBe('Bearer [masked]');
  });

  it.each([
    '/api/users/0190a3f2-7c1e-7b1a-9a53-3f2c6a1b2c3d',
    'agent-7/run-2/session-9',
    'llm_oauth_abcdefghijklmnop',
    'research-assistant.v2',
    'chat/completions',
  ])('the text %s is not masked', (text) => expect(maskCredentials(text)).toBe(text));
});
