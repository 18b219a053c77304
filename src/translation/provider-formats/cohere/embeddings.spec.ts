import { createCohere } from '@ai-sdk/cohere';
import { recordingFetch } from '../../../../test/support/translation/oracle.js';
import type { EmbeddingsRequest } from '../../pivot/translator.js';
import { cohereTranslator } from '../cohere.translator.js';

const embeddings = cohereTranslator.embeddings!;
const context = { model: 'embed-v4.0', id: 'x', created: 1, streaming: false };
const ask = (more: Partial<EmbeddingsRequest>) =>
  embeddings.translateRequest({ model: 'cohere:embed-v4.0', input: 'weir', ...more }, context);

const ANSWER = {
  id: 'e1',
  embeddings: {
    float: [
      [0.5, -0.25],
      [1, 0],
    ],
  },
  texts: ['weir', 'sluice'],
  meta: { api_version: { version: '2' }, billed_units: { input_tokens: 4 } },
  response_type: 'embeddings_by_type',
};

describe("Cohere's embeddings", () => {
  it('an embeddings request asks for floats of documents without truncation', () => {
    expect(ask({ input: ['weir', 'sluice'], dimensions: 512, encoding_format: 'base64' })).toEqual({
      path: 'v2/embed',
      headers: [],
      body: {
        model: 'embed-v4.0',
        texts: ['weir', 'sluice'],
        input_type: 'search_document',
        embedding_types: ['float'],
        truncate: 'NONE',
        output_dimension: 512,
      },
      dropped: [],
    });
  });

  it('the input_type of a client reaches Cohere', () => {
    expect(ask({ input_type: 'search_query' }).body).toMatchObject({ texts: ['weir'], input_type: 'search_query' });
  });

  it('unsupported and unknown members of an embeddings request are named as dropped', () => {
    expect(ask({ user: 'ada', dimensions: null, unheard_of: 1 }).dropped).toEqual(['user', 'unheard_of']);
  });

  it.each([
    [[], 'invalid_body', '1 to 96 strings'],
    [Array<string>(97).fill('a'), 'invalid_body', '1 to 96 strings'],
    [['a', 7], 'unsupported_parameter', '"input[1]"'],
  ])('the embeddings input %j is refused', (input, code, says) => {
    const attempt = (): unknown => ask({ input: input as string[] });
    expect(attempt).toThrow(says);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  it("an embeddings response has OpenAI's form, in the order of the texts", () => {
    expect(embeddings.translateResponse(Buffer.from(JSON.stringify(ANSWER)), context)).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -0.25] },
        { object: 'embedding', index: 1, embedding: [1, 0] },
      ],
      model: 'embed-v4.0',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(() => embeddings.translateResponse(Buffer.from('{"message":"no"}'), context)).toThrow(TypeError);
  });

  it('an embeddings request equals that of the AI SDK except for truncate and input_type', async () => {
    const { fetch, sent } = recordingFetch(JSON.stringify(ANSWER), 'application/json');
    const model = createCohere({ apiKey: 'k', fetch }).textEmbeddingModel('embed-v4.0');
    await model.doEmbed({ values: ['weir', 'sluice'] });
    const { path, body } = ask({ input: ['weir', 'sluice'] });
    expect(sent[0]!.url).toBe(`https://api.cohere.com/${path}`);
    const { truncate: _truncate, ...same } = body;
    expect({ ...same, input_type: 'search_query' }).toEqual({ ...sent[0]!.body, input_type: 'search_query' });
  });
});
