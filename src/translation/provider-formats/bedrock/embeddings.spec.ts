import { bedrockEmbeddings } from './embeddings.js';

const contextOf = (model: string) => ({ model, id: 'x', created: 1_790_000_000, streaming: false });
const titan = contextOf('amazon.titan-embed-text-v2:0');
const cohere = contextOf('cohere.embed-multilingual-v3');
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('embeddings of Titan', () => {
  it('are asked for one text at a time', () => {
    const { path, body, dropped } = bedrockEmbeddings.request(
      { model: 'm', input: ['Oslo'], dimensions: 256, encoding_format: 'base64', user: 'u' },
      titan,
    );
    expect(path).toBe('model/amazon.titan-embed-text-v2%3A0/invoke');
    expect(body).toEqual({ inputText: 'Oslo', dimensions: 256 });
    expect(dropped).toEqual(['user']);
    expect(() => bedrockEmbeddings.request({ model: 'm', input: ['a', 'b'] }, titan)).toThrow(/one text a call/);
  });

  it('come with their tokens', () => {
    const answer = bedrockEmbeddings.response(bytes({ embedding: [0.5, -0.25], inputTextTokenCount: 3 }), titan);
    expect(answer).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
      model: titan.model,
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  });
});

describe('embeddings of Cohere', () => {
  it('are asked for many texts at once, as of documents unless the client says otherwise', () => {
    const ask = (more: object) => bedrockEmbeddings.request({ model: 'm', input: ['a', 'b'], ...more }, cohere).body;
    const body = { texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'] };
    expect(ask({})).toEqual(body);
    expect(ask({ input_type: 'search_query' })).toEqual({ ...body, input_type: 'search_query' });
    expect(() => ask({ dimensions: 256 })).toThrow(/one length/);
  });

  it('come in either of its shapes', () => {
    const rows = [[1, 2], [3]];
    for (const embeddings of [rows, { float: rows }])
      expect(bedrockEmbeddings.response(bytes({ embeddings }), cohere).data).toMatchObject([
        { index: 0, embedding: [1, 2] },
        { index: 1, embedding: [3] },
      ]);
    expect(() => bedrockEmbeddings.response(bytes({ message: 'no' }), cohere)).toThrow(TypeError);
  });
});

describe('embeddings that cannot be had', () => {
  it('are refused: tokens of another vendor, a model that is none', () => {
    expect(() => bedrockEmbeddings.request({ model: 'm', input: [1, 2] as never }, cohere)).toThrow(/send text/);
    expect(() => bedrockEmbeddings.request({ model: 'm', input: 'a' }, contextOf('amazon.nova-lite-v1:0'))).toThrow(
      /cohere\.embed/,
    );
  });
});
