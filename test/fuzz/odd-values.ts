/**
 * Values that clients should not send, and some that they may: of wrong types, at boundaries, huge, and in odd Unicode.
 */
import fc from 'fast-check';
import type { Json } from '../support/http/admin-client.js';

export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800', // a lone surrogate
    '\u202eevil',
    '\ufeff',
    'İıſK',
    '👩‍👩‍👧‍👦'.repeat(40),
    'e\u0301'.repeat(300),
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '%00',
    "'; DROP TABLE app_user; --",
    '<script>alert(1)</script>',
    '(a+)+$',
    'https://[::1]/',
    'http://169.254.169.254/latest/meta-data',
    '00000000-0000-0000-0000-000000000000',
    '9999-12-31T23:59:60Z',
    '-1',
    'NaN',
    '1e400',
    'x'.repeat(300),
    'x'.repeat(70_000),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const oddNumber: fc.Arbitrary<number> = fc.constantFrom(
  ...[0, -0, -1, 1, 0.5, 1e-320, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 + 2, 1e21, 1.7e308],
);

const nested = (depth: number): Json => {
  let value: Json = 'deep';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

export const oddValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Json[]>(null, true, false, [], {}, [null], [[]], { '': null }) },
  { weight: 3, arbitrary: oddNumber },
  { weight: 4, arbitrary: oddText },
  { weight: 1, arbitrary: fc.constantFrom(...[40, 400, 900].map(nested)) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 2000 }, (_, i) => i)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

interface Edit {
  /** Chooses the member, counted over the whole value. */
  at: number;
  how: 'replace' | 'remove' | 'repeat' | 'add';
  name: string;
  value: Json;
}

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat', 'add'),
    name: fc.constantFrom('__proto__', 'constructor', 'x', '', 'toString', 'id', '\u0000'),
    value: oddValue,
  }),
  { minLength: 1, maxLength: 3 },
);

/** The values of `base`, some unchanged and most with up to three members changed, removed, duplicated or added. */
export const mutated = (base: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof(
    { weight: 1, arbitrary: base },
    { weight: 4, arbitrary: fc.tuple(base, edits).map(([value, all]) => all.reduce(edited, value)) },
  );

function edited(value: Json, edit: Edit): Json {
  const copy: Json = structuredClone(value);
  const holders: [holder: Json, key: string | number][] = [];
  const walk = (each: Json): void => {
    if (typeof each !== 'object' || each === null || holders.length > 5_000) return;
    for (const key of Array.isArray(each) ? each.keys() : Object.keys(each)) {
      holders.push([each, key]);
      walk(each[key]);
    }
  };
  walk(copy);
  if (holders.length === 0) return edit.value;
  const [holder, key] = holders[edit.at % holders.length]!;
  apply(holder, key, edit);
  return copy;
}

function apply(holder: Json, key: string | number, { how, name, value }: Edit): void {
  if (how === 'replace') holder[key] = value;
  else if (how === 'add' && !Array.isArray(holder))
    Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  else if (Array.isArray(holder)) holder.splice(Number(key), how === 'remove' ? 1 : 0, holder[Number(key)]);
  else if (how === 'remove') delete holder[key];
}

/** Bodies that are not JSON, or do not match their content type. */
export const brokenBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '{', '{"a":', '[1,', 'null', '"text"', '7', '{"a":1}{"b":2}', "{'a': 1}", '{"a":01}', '\ufeff{}'].map(
      (text) => new TextEncoder().encode(text),
    ),
    new Uint8Array([0xff, 0xfe, 0x00]),
    new TextEncoder().encode('['.repeat(50_000)),
    new TextEncoder().encode('{"a":'.repeat(20_000)),
    new TextEncoder().encode(`{"model":"${'\\ud800'.repeat(10)}"}`),
  ),
  fc.uint8Array({ maxLength: 200 }),
);
