/** Promise: the text of a custom tool is read from its arguments as JSON.parse would read it, wherever they are cut. */
import fc from 'fast-check';
import { readCustomInput, CustomInput } from './custom-input.js';

function streamed(pieces: readonly string[]): { deltas: string; input: string } {
  const reader = new CustomInput();
  const deltas = pieces.map((piece) => reader.push(piece)).join('');
  const { input, rest } = reader.end();
  return { deltas: deltas + rest, input };
}

const escaped = (text: string): string =>
  JSON.stringify(text).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

it('the input is read whole for any escaping and any cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), fc.nat(), fc.nat(), (text, isAscii, a, b) => {
      const args = `{ "input" : ${isAscii ? escaped(text) : JSON.stringify(text)} }`;
      const [from, to] = [a % (args.length + 1), b % (args.length + 1)].sort((x, y) => x - y) as [number, number];
      const pieces = [args.slice(0, from), args.slice(from, to), args.slice(to)];
      expect(streamed(pieces)).toEqual({ deltas: text, input: text });
      expect(streamed([...args])).toEqual({ deltas: text, input: text });
    }),
    { numRuns: 2000 },
  );
});

it('the input is emitted as it arrives', () => {
  const reader = new CustomInput();
  expect(['{"input":', '"*** Be', 'gin\\', 'n'].map((piece) => reader.push(piece))).toEqual([
    '',
    '*** Be',
    'gin',
    '\n',
  ]);
});

it.each([
  ['a member under another name', '{"patch":"text"}', 'text'],
  ['a bare JSON string', '"text"', 'text'],
  ['text that is not JSON', '*** Begin Patch', '*** Begin Patch'],
  ['several members', '{"a":"x","b":"y"}', '{"a":"x","b":"y"}'],
  ['empty arguments', '', ''],
  ['unescaped line ends', '{"input":"a\nb"}', 'a\nb'],
])('the input is recovered from %s', (_case, args, input) => {
  expect(streamed([args])).toEqual({ deltas: input, input });
  expect(streamed([...args])).toEqual({ deltas: input, input });
  expect(readCustomInput(args)).toBe(input);
});

it('the input of incomplete arguments is what arrived', () => {
  expect(streamed(['{"input":"*** Be', 'gin\\'])).toEqual({ deltas: '*** Begin', input: '*** Begin' });
});
