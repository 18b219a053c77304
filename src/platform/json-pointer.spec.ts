import { parseJsonPointer } from './json-pointer.js';

describe('JSON Pointer (RFC 6901)', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['/', ['']],
    ['/foo', ['foo']],
    ['/foo/0', ['foo', '0']],
    ['/a~1b', ['a/b']],
    ['/m~0n', ['m~n']],
    ['/~01', ['~1']],
    ['/c%d', ['c%d']],
    ['/ ', [' ']],
    ['/a//b/', ['a', '', 'b', '']],
  ])('the pointer %j has the tokens of RFC 6901', (pointer, tokens) => {
    expect(parseJsonPointer(pointer)).toEqual(tokens);
  });

  it.each(['foo', 'a/b', '/~', '/a~2', '/~~0', '#/a'])('the text %j is not a JSON Pointer', (pointer) => {
    expect(parseJsonPointer(pointer)).toBeNull();
  });
});
