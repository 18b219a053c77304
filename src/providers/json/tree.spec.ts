import { JsonFault } from './text.js';
import { JsonObject, parseJsonSequence, parseJsonTree, toJsonNode, writeJsonTree } from './tree.js';

describe('a JSON tree', () => {
  it.each([
    '{"a":12345678901234567890,"b":1.0,"c":-0,"d":1e400,"e":[true,false,null]}',
    '{"\\u0061":"\\u00e9\\/\\ud83d\\ude00","":[],"x":{}}',
    '"a"',
    '-1.5e+3',
    '[[[]],[{}]]',
  ])('the tree keeps the spelling of %s', (json) => {
    expect(writeJsonTree(parseJsonTree(json))).toBe(json);
    expect(writeJsonTree(parseJsonTree(` \n${json}\t`))).toBe(json);
  });

  it.each([
    ...['', '{', '}', '[1,]', '{"a":1,}', '{"a" 1}', '{a:1}', "{'a':1}", '01', '1.', '.5', '+1', 'NaN', 'Infinity'],
    ...['nul', 'true false', '"a', '"a\\"', '[1 2]', '{"a":1 "b":2}', '// a\n1', '1 1', '{"\\x":1}'],
    '['.repeat(300) + ']'.repeat(300),
  ])('the tree refuses %j', (json) => {
    expect(() => parseJsonTree(json)).toThrow(JsonFault);
  });

  it('members of a tree are found by decoded names, and repeated names are refused', () => {
    const object = parseJsonTree('{"\\u006eame":"\\u0061","n":1,"n":2,"__proto__":"p","i":7,"z":null}') as JsonObject;
    expect(object.getText('name')).toBe('a');
    expect(object.getText('__proto__')).toBe('p');
    expect(object.getText('toString')).toBeUndefined();
    expect(object.getIndex('i')).toBe(7);
    expect([object.isSet('z'), object.has('z')]).toEqual([false, true]);
    expect(object.hasRepeats).toBe(true);
    expect(() => object.get('n')).toThrow(JsonFault);
  });

  it('strings with invalid escapes or control characters are refused on access', () => {
    const object = parseJsonTree('{"a":"\\x","b":"\u0001"}') as JsonObject;
    expect(() => object.getText('a')).toThrow(JsonFault);
    expect(() => object.getText('b')).toThrow(JsonFault);
  });

  it('a changed tree is written with its changes only', () => {
    const object = parseJsonTree('{"a":12345678901234567890,"b":{"c":"\\u0061"},"d":1}') as JsonObject;
    object.set('d', toJsonNode([{ x: undefined, y: 'ü' }]));
    object.delete('b');
    expect(writeJsonTree(object)).toBe('{"a":12345678901234567890,"d":[{"y":"ü"}]}');
  });

  it('a sequence of JSON values is read in order', () => {
    expect(parseJsonSequence('{"a":1}\n{"b":2}\n\n').map(writeJsonTree)).toEqual(['{"a":1}', '{"b":2}']);
    expect(writeJsonTree(parseJsonTree('\ufeff[1]'))).toBe('[1]');
  });
});
