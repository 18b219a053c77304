import type { JsonObject } from '../pivot/chat.js';
import { inlineReferences } from './inlining.js';

function inlined(schema: JsonObject): { made: JsonObject; lost: number } {
  let lost = 0;
  const made = inlineReferences(schema, () => lost++);
  return { made, lost };
}

it('a schema without references stays unchanged', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  expect(inlined(schema).made).toBe(schema);
});

it('a definition is copied to each reference', () => {
  const $defs = {
    Unit: { type: 'string', enum: ['m'] },
    Size: { type: 'object', properties: { unit: { $ref: '#/$defs/Unit', title: 'U' } } },
  };
  const { made, lost } = inlined({ type: 'object', properties: { a: { $ref: '#/$defs/Size' } }, $defs });
  expect(made).toEqual({
    type: 'object',
    properties: { a: { type: 'object', properties: { unit: { type: 'string', enum: ['m'], title: 'U' } } } },
  });
  expect(lost).toBe(0);
});

it('a recursive or dangling reference allows any value', () => {
  const $defs = { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, other: { $ref: '#/x' } } } };
  const { made, lost } = inlined({ $ref: '#/$defs/Node', $defs });
  expect(made).toEqual({ type: 'object', properties: { next: {}, other: {} } });
  expect(lost).toBe(2);
});

it('an inlined schema is limited to 5 MB', () => {
  const $defs: JsonObject = {};
  for (let i = 0; i < 60; i++) $defs[`d${i}`] = { a: { $ref: `#/$defs/d${i + 1}` }, b: { $ref: `#/$defs/d${i + 1}` } };
  const { made, lost } = inlined({ $ref: '#/$defs/d0', $defs });
  expect(lost).toBeGreaterThan(0);
  expect(JSON.stringify(made).length).toBeLessThan(5_000_000);
});
