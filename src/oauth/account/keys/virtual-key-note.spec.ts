import { describeVirtualKeyUse } from './virtual-key-note.js';

const note = (keyType: string, ...providers: string[]): string =>
  describeVirtualKeyUse(
    { name: 'Scripts', keyType, providerApiKeys: providers.map((provider) => ({ provider, providerApiKeyId: 'x' })) },
    'https://gw.example',
  );

describe('the note about a virtual key', () => {
  it('names the address for each of its providers', () => {
    expect(note('standard', 'openai')).toBe(
      '“Scripts” goes where your program wants the provider’s key. The base URL that goes with it: https://gw.example/v1/openai',
    );
    expect(note('standard', 'anthropic', 'openai')).toContain(
      'https://gw.example/v1/anthropic or https://gw.example/v1/openai',
    );
    expect(note('standard')).not.toContain('https:');
  });

  it('names the header of a key that goes beside another', () => {
    expect(note('passthrough')).toContain('x-archestra-virtual-key');
  });
});
