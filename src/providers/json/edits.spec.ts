/** Promise: a change to a JSON text changes the named member and no other byte. */
import fc from 'fast-check';
import { ParsedObject } from './editable-object.js';
import { JsonEdits } from './edits.js';

const edit = (text: string, change: (object: ReturnType<JsonEdits['editObject']>) => void): string => {
  const edits = new JsonEdits(Buffer.from(text));
  change(edits.editObject());
  return edits.apply().toString();
};

it('unchanged edits return the same buffer', () => {
  const text = Buffer.from(' { "a" : 1 } ');
  const edits = new JsonEdits(text);
  edits.editObject().get('a');
  expect(edits.apply()).toBe(text);
});

it.each([
  ['the first member', '{"a":1, "b":2}', ['a'], '{"b":2}'],
  ['a middle member', '{"a":1, "b":2 ,"c":3}', ['b'], '{"a":1, "c":3}'],
  ['the last member', '{"a":1, "b":2 }', ['b'], '{"a":1 }'],
  ['the last two members', '{"a":1, "b":2, "c":3}', ['b', 'c'], '{"a":1}'],
  ['the first and the last member', '{"a":1, "b":2, "c":3}', ['a', 'c'], '{"b":2}'],
  ['all members', '{ "a":1, "b":2 }', ['a', 'b'], '{  }'],
  ['a member whose name has an escape', String.raw`{"\u0061":1,"b":2}`, ['a'], '{"b":2}'],
  ['every member of a repeated name', '{"a":1,"b":2,"a":3}', ['a'], '{"b":2}'],
  ['an absent member', '{"a":1}', ['b'], '{"a":1}'],
])('deleting %s changes no other byte', (_what, text, names, wanted) => {
  expect(edit(text, (object) => names.forEach((name) => object.delete(name)))).toBe(wanted);
});

it('edits keep digits, order and white space of all other members', () => {
  const text = '{"seed": 12345678901234567890,"n" : 1.0 , "x":{"y":1e400},"é":"ü"}';
  const changed = edit(text, (object) => {
    object.rename('seed', 'random_seed');
    object.set('n', 'ö');
    object.set('new', [1]);
  });
  expect(changed).toBe('{"random_seed": 12345678901234567890,"n" : "ö" , "x":{"y":1e400},"é":"ü","new":[1]}');
});

it('a renamed member replaces a member that has the new name', () => {
  expect(edit('{"b":1,"a":2,"a":3}', (object) => object.rename('a', 'b'))).toBe('{"b":3}');
});

it('reads see earlier edits', () => {
  edit('{"a":1,"b":2}', (object) => {
    object.set('a', 5);
    object.rename('b', 'c');
    object.set('d', 7);
    object.set('d', 8);
    object.delete('a');
    expect([object.get('a'), object.get('b'), object.get('c'), object.get('d')]).toEqual([undefined, undefined, 2, 8]);
    expect(object.listNames()).toEqual(['c', 'd']);
  });
});

it('edits reach nested objects and array elements', () => {
  const text = '{"m":[{"r":"x","k":1}, 5, [1], {"r":"y"} ],"o":{"k":2},"k":3}';
  const changed = edit(text, (object) => {
    for (const element of object.getObjects('m')) element.delete('k');
    object.getObjects('m')[1]!.remove();
    object.getObject('o')!.set('k', 9);
    object.getObject('o')!.set('l', null);
    expect([object.getObject('m'), object.getObjects('o'), object.getObjects('none')]).toEqual([null, [], []]);
  });
  expect(changed).toBe('{"m":[{"r":"x"}, 5, [1] ],"o":{"k":9,"l":null},"k":3}');
});

it('wrapping keeps the bytes of the wrapped value', () => {
  const changed = edit('{"f":{"t":"a","s":{"max":1.50},"n":1}}', (object) => {
    const inner = object.getObject('f')!;
    inner.rename('s', 'j');
    inner.wrap('j', { name: 'x' }, 'schema');
    inner.wrap('none', {}, 'x');
    expect(inner.get('j')).toEqual({ name: 'x', schema: { max: 1.5 } });
  });
  expect(changed).toBe('{"f":{"t":"a","j":{"name":"x","schema":{"max":1.50}},"n":1}}');
});

it('edits inside a deleted or replaced member are dropped', () => {
  const changed = edit('{"a":{"b":1},"c":{"d":1}}', (object) => {
    object.getObject('a')!.set('b', 2);
    object.getObject('c')!.delete('d');
    object.delete('a');
    object.set('c', 0);
  });
  expect(changed).toBe('{"c":0}');
});

type Change = ['delete' | 'set' | 'rename' | 'wrap', string, string];

it('editing text and editing the parsed object give the same result', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', '"\\', 'ä');
  const change: fc.Arbitrary<Change> = fc.tuple(fc.constantFrom('delete', 'set', 'rename', 'wrap'), name, name);
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.jsonValue()),
      fc.array(change, { maxLength: 6 }),
      fc.constantFrom(undefined, 1, '\t'),
      (members, changes, space) => {
        const parsed = structuredClone(members);
        const text = JSON.stringify(members, null, space);
        const changed = edit(text, (object) => {
          for (const target of [object, new ParsedObject(parsed)])
            for (const [what, one, other] of changes)
              if (what === 'delete') target.delete(one);
              else if (what === 'set') target.set(one, other);
              else if (what === 'wrap') target.wrap(one, { outer: 1 }, other);
              else target.rename(one, other);
        });
        expect(JSON.parse(changed)).toEqual(JSON.parse(JSON.stringify(parsed)));
      },
    ),
  );
});
