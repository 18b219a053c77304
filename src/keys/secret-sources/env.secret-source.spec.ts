import { EnvSecretSource } from './env.secret-source.js';

const source = new EnvSecretSource(
  { LLM_SECRET_OPENAI: ' sk-value\n', LLM_SECRET_EMPTY: ' ', DATABASE_URL: 'postgres://u:p@db', GROQ_KEY: 'gsk' },
  ['GROQ_KEY'],
);

describe('keys in the environment', () => {
  it('a secret variable is read without surrounding whitespace', async () => {
    expect((await source.read('env:LLM_SECRET_OPENAI')).expose()).toBe('sk-value');
  });

  it('a variable of another name is read when it is listed', async () => {
    expect(source.findProblem('env:GROQ_KEY')).toBeNull();
    expect((await source.read('env:GROQ_KEY')).expose()).toBe('gsk');
  });

  it.each([
    'env:DATABASE_URL',
    'env:LLM_SECRET_',
    'env:llm_secret_openai',
    'env:PATH',
    'env:',
    'env:LLM_SECRET_A B',
    'vault:a/b#c',
    'LLM_SECRET_OPENAI',
  ])('the invalid reference %s is refused without naming a value', async (reference) => {
    expect(source.findProblem(reference)).not.toBeNull();
    await expect(source.read(reference)).rejects.toMatchObject({
      code: 'provider_key_unavailable',
      reason: 'secret_reference_invalid',
      detail: expect.not.stringMatching(/DATABASE_URL|postgres/),
    });
  });

  it.each(['env:LLM_SECRET_NONE', 'env:LLM_SECRET_EMPTY'])(
    'an unset or empty variable is provider_key_unavailable (%s)',
    (reference) =>
      expect(source.read(reference)).rejects.toMatchObject({
        code: 'provider_key_unavailable',
        reason: 'secret_missing',
      }),
  );
});
