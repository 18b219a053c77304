import { toOutputSchema } from './output-schema.js';

const text = { type: 'string' };
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

describe('a schema that the vendor is to keep to', () => {
  it.each([
    ['objects that hold anything', { type: 'object' }],
    ['maps', object({}, { additionalProperties: text })],
    ['objects that are open on purpose', object({ a: text }, { additionalProperties: true })],
    ['names by pattern', object({ a: { type: 'object', patternProperties: { x: text } } })],
    ['what must not be', object({ a: { not: text } })],
    ['tuples', object({ a: { type: 'array', prefixItems: [text] } })],
    ['itself', object({ a: { $ref: '#' } })],
    [
      'itself by detours',
      object({ a: { $ref: '#/$defs/a' } }, { $defs: { a: object({ b: { anyOf: [{ $ref: '#/$defs/a' }] } }) } }),
    ],
    ['references to elsewhere', object({ a: { $ref: 'https://example.org/a.json' } })],
    ['references to nothing', object({ a: { $ref: '#/$defs/a' } })],
    ['many optional members', object(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text])))],
  ])('cannot have %s', (_what, schema) => {
    expect(toOutputSchema(schema)).toBeNull();
  });

  it('may use one definition twice', () => {
    const schema = object(
      { a: { $ref: '#/definitions/a' }, b: { $ref: '#/definitions/a' } },
      { definitions: { a: text } },
    );
    expect(toOutputSchema(schema)).toEqual({ ...schema, additionalProperties: false });
  });

  it('may have members named as keywords are', () => {
    const schema = object({ not: text, format: text, oneOf: text }, { additionalProperties: false });
    expect(toOutputSchema(schema)).toEqual(schema);
  });

  it('tells the model what the vendor cannot keep it to', () => {
    expect(toOutputSchema({ type: 'string', format: 'iban', description: 'An account', pattern: '^DE' })).toEqual({
      type: 'string',
      description: 'An account (format: "iban", pattern: "^DE")',
    });
  });
});
