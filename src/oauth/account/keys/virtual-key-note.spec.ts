import { describeVirtualKeyUse } from './virtual-key-note.js';

const note = (keyType: string, ...providers: string[]): string =>
  describeVirtualKeyUse(
    { name: 'Scripts', keyType, providerApiKeys: providers.map((provider) => ({ provider, providerApiKeyId: 'x' })) },
    'https://gw.example',
  );

describe('notes about virtual keys', () => {
  it('the note of a standard key states the base URL of each provider', () => {
    expect(note('standard', 'openai')).toBe(
      '“Scripts” goes where your program wants the provider’s key. The base URL that goes with it: https://gw.example/v1/openai',
    );
    expect(note('standard', 'anthropic', 'openai')).toContain(
      'https://gw.example/v1/anthropic or https://gw.example/v1/openai',
    );
    expect(note('standard')).not.toContain('https:');
  });

  it('the note of a passthrough key states its header', () => {
    expect(note('passthrough')).toContain('x-archestra-virtual-key');
  });
});
