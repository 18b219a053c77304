/**
 * Promise: tool calls in any server's stream arrive as OpenAI sends them: each has an index, its id and name come once,
 * and its arguments add up.
 */
import fc from 'fast-check';
import { CallStream } from './call-stream.js';

type Entry = Record<string, unknown>;
interface Told {
  id: string | undefined;
  name: string;
  args: string;
}

/** Assembles calls by index, as OpenAI's SDKs do. */
function told(...deltas: unknown[]): Told[] {
  const stream = new CallStream();
  const calls: Told[] = [];
  for (const piece of [...deltas.flatMap((delta) => stream.take(delta)), ...stream.end()]) {
    const call = calls[piece.index];
    const { name, arguments: args = '' } = piece.function;
    if (!call) {
      expect([piece.index, piece.type, typeof name]).toEqual([calls.length, 'function', 'string']);
      calls.push({ id: piece.id, name: name!, args });
    } else {
      expect([piece.id, name]).toEqual([undefined, undefined]);
      call.args += args;
    }
  }
  return calls;
}

const piece = (members: Entry, name?: string, args?: unknown): Entry => ({
  ...members,
  function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
});

const A = { id: 'a', name: 'time', args: '{"z":1}' };
const B = { id: 'b', name: 'weather', args: '{"city":"x"}' };
const ONE = [A];
const TWO = [A, B];

it.each<[string, unknown[], Told[]]>([
  [
    'as OpenAI streams',
    [
      [piece({ index: 0, id: 'a', type: 'function' }, 'time', '')],
      [piece({ index: 0 }, undefined, '{"z"')],
      [piece({ index: 0 }, undefined, ':1}')],
    ],
    ONE,
  ],
  [
    'interleaved',
    [
      [piece({ index: 0, id: 'a' }, 'time', ''), piece({ index: 1, id: 'b' }, 'weather', '')],
      [piece({ index: 1 }, undefined, '{"city"')],
      [piece({ index: 0 }, undefined, '{"z":1}')],
      [piece({ index: 1 }, undefined, ':"x"}')],
    ],
    TWO,
  ],
  ['whole, without an index', [[piece({ id: 'a' }, 'time', A.args), piece({ id: 'b' }, 'weather', B.args)]], TWO],
  [
    'whole, without an index, one after the other',
    [[piece({ id: 'a' }, 'time', A.args)], [piece({ id: 'b' }, 'weather', B.args)]],
    TWO,
  ],
  [
    'whole, all numbered 0',
    [[piece({ index: 0, id: 'a' }, 'time', A.args), piece({ index: 0, id: 'b' }, 'weather', B.args)]],
    TWO,
  ],
  [
    'in pieces, all numbered 0',
    [
      [piece({ index: 0, id: 'a' }, 'time', '')],
      [piece({ index: 0 }, undefined, A.args)],
      [piece({ index: 0, id: 'b' }, 'weather', '')],
      [piece({ index: 0 }, undefined, B.args)],
    ],
    TWO,
  ],
  [
    'in pieces, without an index',
    [[piece({ id: 'a' }, 'time', '{"z"')], [piece({}, undefined, ':1}')], [piece({ id: 'b' }, 'weather', B.args)]],
    TWO,
  ],
  [
    'for the same function twice, numbered 0',
    [[piece({ index: 0, id: 'a' }, 'time', A.args)], [piece({ index: 0, id: 'b' }, 'time', '{"z":2}')]],
    [A, { id: 'b', name: 'time', args: '{"z":2}' }],
  ],
  [
    'for the same function twice, numbered 0, without ids',
    [[piece({ index: 0 }, 'time', A.args)], [piece({ index: 0 }, 'time', '{"z":2}')]],
    [
      { ...A, id: undefined },
      { id: undefined, name: 'time', args: '{"z":2}' },
    ],
  ],
  [
    'with the same id twice',
    [
      [piece({ index: 0, id: 'a' }, 'time', '')],
      [piece({ index: 1, id: 'a' }, 'weather', '')],
      [piece({ index: 0, id: 'a' }, undefined, A.args)],
      [piece({ index: 1, id: 'a' }, undefined, B.args)],
    ],
    [A, { ...B, id: 'a' }],
  ],
  [
    'with the same id twice, without an index',
    [[piece({ id: 'a' }, 'time', A.args), piece({ id: 'a' }, 'weather', B.args)]],
    [A, { ...B, id: 'a' }],
  ],
  ...(['', null, 'null', 'None'] as const).map((id): [string, unknown[], Told[]] => [
    `with the id ${JSON.stringify(id)} in later pieces`,
    [
      [piece({ index: 0, id: 'a' }, 'time', '')],
      [piece({ index: 0, id }, undefined, '{"z"')],
      [piece({ index: 0, id, type: 'function' }, '', ':1}')],
      [piece({ index: 0, id }, undefined, '')],
    ],
    ONE,
  ]),
  [
    'with the name in every piece',
    [
      [piece({ index: 0, id: 'a' }, 'time', '')],
      [piece({ index: 0 }, 'time', '{"z"')],
      [piece({ index: 0 }, 'time', ':1}')],
      [piece({ index: 0 }, 'time', '')],
    ],
    ONE,
  ],
  [
    'with id and name in every piece',
    [[piece({ index: 0, id: 'a' }, 'time', '{"z"')], [piece({ index: 0, id: 'a' }, 'time', ':1}')]],
    ONE,
  ],
  [
    'with another id in every piece',
    [
      [piece({ index: 0, id: 'a' }, 'time', '')],
      [piece({ index: 0, id: 'x' }, undefined, '{"z"')],
      [piece({ index: 0, id: 'y' }, undefined, ':1}')],
    ],
    ONE,
  ],
  [
    'with the whole call once more at the end',
    [
      [piece({ index: 0, id: 'a' }, 'time', '{"z"')],
      [piece({ index: 0 }, undefined, ':1}')],
      [piece({ index: 0, id: 'a' }, 'time', A.args)],
    ],
    ONE,
  ],
  [
    'with the name after the id',
    [[piece({ index: 0, id: 'a' })], [piece({ index: 0 }, 'time')], [piece({ index: 0 }, undefined, A.args)]],
    ONE,
  ],
  [
    'with the id after the name',
    [[piece({ index: 0 }, 'time')], [piece({ index: 0, id: 'a' }, undefined, A.args)]],
    [{ ...A, id: undefined }],
  ],
  ['with an object as arguments', [[piece({ index: 0, id: 'a' }, 'time', { z: 1 })]], ONE],
  ['with one object in place of the list', [piece({ index: 0, id: 'a' }, 'time', A.args)], ONE],
  ['without the function object', [[{ id: 'a', name: 'time', arguments: A.args }]], ONE],
  ['with null as arguments', [[piece({ index: 0, id: 'a' }, 'time', null)]], [{ ...A, args: '{}' }]],
  ['with the text null as arguments', [[piece({ index: 0, id: 'a' }, 'time', 'null')]], [{ ...A, args: '{}' }]],
  ['without arguments', [[piece({ index: 0, id: 'a' }, 'time')]], [{ ...A, args: '{}' }]],
  ['without a function', [[{ index: 0, id: 'a' }], [null, 7, 'x'], null], []],
])('the stream yields calls that arrive %s', (_, deltas, wanted) => {
  expect(told(...deltas)).toEqual(wanted);
});

it('the stream yields all calls for any numbering, ids, repeated names and cuts', () => {
  const args = fc
    .dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
    .map((value) => JSON.stringify(value));
  const call = fc.record({
    name: fc.stringMatching(/^[a-z]{1,6}$/),
    args,
    cuts: fc.array(fc.nat(40), { maxLength: 4 }),
  });
  const numbering = fc.constantFrom('each', 'none', 'zero');
  const idsLater = fc.constantFrom('never', 'empty', 'again');
  fc.assert(
    fc.property(
      fc.array(call, { minLength: 1, maxLength: 4 }),
      numbering,
      idsLater,
      fc.boolean(),
      (calls, numbers, later, names) => {
        const deltas = calls.flatMap((one, i) => {
          const index = numbers === 'none' ? {} : { index: numbers === 'zero' ? 0 : i };
          const at = [
            0,
            ...one.cuts.filter((cut) => cut > 0 && cut < one.args.length).sort((a, b) => a - b),
            one.args.length,
          ];
          return at.slice(1).map((end, n) => {
            const id = n === 0 || later === 'again' ? { id: `id-${i}` } : later === 'empty' ? { id: '' } : {};
            return [piece({ ...index, ...id }, n === 0 || names ? one.name : undefined, one.args.slice(at[n], end))];
          });
        });
        expect(told(...deltas)).toEqual(calls.map((one, i) => ({ id: `id-${i}`, name: one.name, args: one.args })));
      },
    ),
    { numRuns: 2_000 },
  );
});

it('the stream keeps extra_content of a call', () => {
  const stream = new CallStream();
  const extra = { google: { thought_signature: 's' } };
  const [first] = stream.take([{ ...piece({ index: 0, id: 'a' }, 'f', '{}'), extra_content: extra }]);
  expect(first!.extra_content).toEqual(extra);
  expect(stream.take([{ ...piece({ index: 0 }), extra_content: extra }])[0]!.extra_content).toEqual(extra);
});
