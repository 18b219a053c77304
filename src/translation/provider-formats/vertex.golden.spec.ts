import { describeGolden } from '../../../test/support/translation/golden.js';
import type { TranslationContext } from '../pivot/translator.js';
import { vertexTranslator } from './vertex.translator.js';

describeGolden('vertex', vertexTranslator, undefined, 4);

describe('embeddings of Vertex AI', () => {
  const context: TranslationContext = { model: 'text-embedding-005', id: 'x', created: 1, streaming: false };
  const embeddings = vertexTranslator.embeddings!;

  it('an embeddings request has one instance per text', () => {
    const asked = { model: 'm', input: ['a', 'b'], dimensions: 64, user: 'u', encoding_format: 'base64' as const };
    expect(embeddings.translateRequest(asked, context)).toEqual({
      path: 'publishers/google/models/text-embedding-005:predict',
      headers: [],
      body: { instances: [{ content: 'a' }, { content: 'b' }], parameters: { outputDimensionality: 64 } },
      dropped: ['user'],
    });
  });

  it('an embeddings response counts the tokens of all texts', () => {
    const predictions = [1, 2].map((n) => ({ embeddings: { values: [n, 0.5], statistics: { token_count: n } } }));
    expect(embeddings.translateResponse(Buffer.from(JSON.stringify({ predictions })), context)).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [1, 0.5] },
        { object: 'embedding', index: 1, embedding: [2, 0.5] },
      ],
      model: 'text-embedding-005',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  });

  it('an embeddings request with token numbers is refused', () => {
    const asked = { model: 'm', input: [[1, 2]] as never };
    expect(() => embeddings.translateRequest(asked, context)).toThrow('input[0]');
  });
});
