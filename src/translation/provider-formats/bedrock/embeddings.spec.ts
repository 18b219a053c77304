import { bedrockEmbeddings } from './embeddings.js';

const contextOf = (model: string) => ({ model, id: 'x', created: 1_790_000_000, streaming: false });
const titan = contextOf('amazon.titan-embed-text-v2:0');
const cohere = contextOf('cohere.embed-multilingual-v3');
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('embeddings of Titan', () => {
  it('a Titan embeddings request has one text, and several are refused', () => {
    const { path, body, dropped } = bedrockEmbeddings.translateRequest(
      { model: 'm', input: ['Oslo'], dimensions: 256, encoding_format: 'base64', user: 'u' },
      titan,
    );
    expect(path).toBe('model/amazon.titan-embed-text-v2%3A0/invoke');
    expect(body).toEqual({ inputText: 'Oslo', dimensions: 256 });
    expect(dropped).toEqual(['user']);
    expect(() => bedrockEmbeddings.translateRequest({ model: 'm', input: ['a', 'b'] }, titan)).toThrow(
      /one text per call/,
    );
  });

  it('a Titan embeddings response has the vector and its token count', () => {
    const answer = bedrockEmbeddings.translateResponse(
      bytes({ embedding: [0.5, -0.25], inputTextTokenCount: 3 }),
      titan,
    );
    expect(answer).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
      model: titan.model,
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  });
});

describe('embeddings of Cohere on Bedrock', () => {
  it('a Cohere embeddings request has many texts and the input_type search_document by default', () => {
    const ask = (more: object) =>
      bedrockEmbeddings.translateRequest({ model: 'm', input: ['a', 'b'], ...more }, cohere).body;
    const body = { texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'] };
    expect(ask({})).toEqual(body);
    expect(ask({ input_type: 'search_query' })).toEqual({ ...body, input_type: 'search_query' });
    expect(() => ask({ dimensions: 256 })).toThrow(/a fixed length/);
  });

  it('a Cohere embeddings response is read in both of its shapes', () => {
    const rows = [[1, 2], [3]];
    for (const embeddings of [rows, { float: rows }])
      expect(bedrockEmbeddings.translateResponse(bytes({ embeddings }), cohere).data).toMatchObject([
        { index: 0, embedding: [1, 2] },
        { index: 1, embedding: [3] },
      ]);
    expect(() => bedrockEmbeddings.translateResponse(bytes({ message: 'no' }), cohere)).toThrow(TypeError);
  });
});

describe('unsupported embeddings', () => {
  it('token numbers and models without embeddings are refused', () => {
    expect(() => bedrockEmbeddings.translateRequest({ model: 'm', input: [1, 2] as never }, cohere)).toThrow(
      /send text/,
    );
    expect(() =>
      bedrockEmbeddings.translateRequest({ model: 'm', input: 'a' }, contextOf('amazon.nova-lite-v1:0')),
    ).toThrow(/cohere\.embed/);
  });
});
