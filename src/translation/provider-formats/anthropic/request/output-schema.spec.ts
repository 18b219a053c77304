import { toOutputSchema } from './output-schema.js';

const text = { type: 'string' };
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

describe('the output schema', () => {
  it.each([
    ['an object without properties', { type: 'object' }],
    ['maps', object({}, { additionalProperties: text })],
    ['additionalProperties true', object({ a: text }, { additionalProperties: true })],
    ['patternProperties', object({ a: { type: 'object', patternProperties: { x: text } } })],
    ['the keyword not', object({ a: { not: text } })],
    ['tuples', object({ a: { type: 'array', prefixItems: [text] } })],
    ['a reference to itself', object({ a: { $ref: '#' } })],
    [
      'an indirect reference to itself',
      object({ a: { $ref: '#/$defs/a' } }, { $defs: { a: object({ b: { anyOf: [{ $ref: '#/$defs/a' }] } }) } }),
    ],
    ['a reference to another document', object({ a: { $ref: 'https://example.org/a.json' } })],
    ['a reference without a target', object({ a: { $ref: '#/$defs/a' } })],
    ['many optional members', object(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text])))],
  ])('a schema with %s gives no output schema', (_what, schema) => {
    expect(toOutputSchema(schema)).toBeNull();
  });

  it('a schema may use one definition twice', () => {
    const schema = object(
      { a: { $ref: '#/definitions/a' }, b: { $ref: '#/definitions/a' } },
      { definitions: { a: text } },
    );
    expect(toOutputSchema(schema)).toEqual({ ...schema, additionalProperties: false });
  });

  it('a schema may have properties that are named like keywords', () => {
    const schema = object({ not: text, format: text, oneOf: text }, { additionalProperties: false });
    expect(toOutputSchema(schema)).toEqual(schema);
  });

  it('unsupported keywords move to the description', () => {
    expect(toOutputSchema({ type: 'string', format: 'iban', description: 'An account', pattern: '^DE' })).toEqual({
      type: 'string',
      description: 'An account (format: "iban", pattern: "^DE")',
    });
  });
});
