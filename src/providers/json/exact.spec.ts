import fc from 'fast-check';
import {
  getJsonText,
  keepsNumbers,
  parseExact,
  parseExactObject,
  parseMarked,
  parseMarkedIfLossy,
  RawJson,
  writeJson,
} from './exact.js';
import { ExactMembers, parseWithMembers } from './exact-members.js';

/** Numbers as JSON allows them, in all lengths and spellings. */
const digits = fc.stringMatching(/^(?:0|[1-9][0-9]{0,25})$/);
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.[0-9]{1,20}$/)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?[0-9]{1,3}$/)),
  )
  .map((parts) => parts.join(''));
/** String literals with escapes, lone surrogates, and text that looks like numbers or members. */
const literal = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"\\u00e9\\/\\ud83d"',
    '"9007199254740993"',
    '"\\"input\\":{\\"n\\":1.0}"',
    '"1e400"',
    '"\\\\"',
    '"[]"',
  ),
  number.map((text) => `"${text}"`),
);
const space = fc.constantFrom('', ' ', '\n', '\t \r\n');
const json = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    number,
    literal,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .array(fc.tuple(space, tie('value'), space), { maxLength: 3 })
      .map((all) => `[${all.map((one) => one.join('')).join(',')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.oneof(literal, fc.constantFrom('"input"', '"10"', '"__proto__"')), space, tie('value'), space), {
      maxLength: 4,
    })
    .map((all) => `{${all.map(([name, a, value, b]) => `${name}${a}:${value}${b}`).join(',')}}`),
}));

const tokensOf = (text: string): string[] =>
  (text.match(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g) ?? []).filter((token) => !token.startsWith('"'));

describe('JSON that keeps its spelling', () => {
  it('keepsNumbers recognizes texts whose numbers JSON.stringify would change', () => {
    fc.assert(
      fc.property(json.value, (text) => {
        const changes = tokensOf(text).some((token) => JSON.stringify(JSON.parse(token)) !== token);
        expect(keepsNumbers(text)).toBe(!changes);
        expect(keepsNumbers(Buffer.from(text))).toBe(!changes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('parseExact and writeJson keep every number of any text', () => {
    fc.assert(
      fc.property(json.value, (text) => {
        const written = writeJson({ before: 'x', kept: parseExact(text), after: [parseExact(text)] });
        expect(JSON.parse(written)).toEqual(JSON.parse(`{"before":"x","kept":${text},"after":[${text}]}`));
        if (!keepsNumbers(text)) expect(tokensOf(written)).toEqual([...tokensOf(text), ...tokensOf(text)]);
        expect(written).not.toContain('\n');
      }),
      { numRuns: 2_000 },
    );
  });

  it('parseMarked and writeJson keep the spelling of single numbers', () => {
    fc.assert(
      fc.property(json.value, (text) => {
        const whole = writeJson(parseMarked(text));
        expect(JSON.parse(whole)).toEqual(JSON.parse(text));
        const lossless = writeJson(parseMarkedIfLossy(text));
        // -0 is 0 there
        expect(JSON.stringify(JSON.parse(lossless))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
    const text = '{"a":1.0,"b":[9007199254740993,-0,1e400,0.1000],"c":"9007199254740993"}';
    expect(writeJson(parseMarked(text))).toBe(text);
  });

  it('parseMarkedIfLossy marks only numbers that would lose digits', () => {
    const value = parseMarkedIfLossy(
      '{"minimum":0.0,"maximum":9223372036854775807,"multipleOf":1e2,"x":1e400,"y":-0,"z":0.1}',
    );
    expect(value).toMatchObject({ minimum: 0, multipleOf: 100, z: 0.1 });
    expect(writeJson(value)).toBe(
      '{"minimum":0,"maximum":9223372036854775807,"multipleOf":100,"x":1e400,"y":0,"z":0.1}',
    );
  });

  it.each([
    '9007199254740993',
    '1.0',
    '1e400',
    '-0',
    '0.30',
    '1E5',
    '123456789012345678901234567890',
    '1.7976931348623159e308',
  ])('the number %s keeps its spelling', (token) => {
    const text = `{"n": ${token}}`;
    expect(getJsonText(parseExact(text))).toBe(text);
    expect(writeJson({ input: parseExact(text) })).toBe(`{"input":${text}}`);
  });

  it('parseExact returns plain values if no number would change', () => {
    const text = '{ "b": 1, "a": [0.5, -3, 9007199254740991, 1e-7], "t": "1.0" }';
    expect(parseExact(text)).toEqual(JSON.parse(text));
    expect(getJsonText(parseExact(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('writeJson writes a lone surrogate as an escape', () => {
    const text = `{"n":1.0,"half":"${'\ud83d'}"}`;
    expect(writeJson({ input: parseExact(text) })).toBe('{"input":{"n":1.0,"half":"\\ud83d"}}');
    const pair = '{"n":1.0,"whole":"😀"}';
    expect(writeJson([parseExact(pair)])).toBe(`[${pair}]`);
  });

  it('JSON.stringify refuses raw JSON', () => {
    expect(() => JSON.stringify({ input: new RawJson('{"n":1.0}') })).toThrow(/writeJson alone/);
    expect(() => writeJson({ toJSON: () => JSON.parse('{') })).toThrow(SyntaxError);
    expect(() => JSON.stringify(new RawJson('1.0'))).toThrow(/writeJson alone/);
  });

  it('parseExactObject returns null for everything except objects', () => {
    expect(getJsonText(parseExactObject('{"n":1.0}'))).toBe('{"n":1.0}');
    for (const text of ['[1.0]', '1.0', '"a"', 'null', '{', '{"n":1.0} x', ''])
      expect(parseExactObject(text)).toBeNull();
    expect(() => parseExact('{"n":01}')).toThrow(SyntaxError);
  });
});

describe('members that keep their spelling', () => {
  const members = new ExactMembers({ raw: ['messages[].content[].input'], marked: ['tools[].input_schema'] });
  const read = (text: string): unknown => parseWithMembers(Buffer.from(text), members);

  it('named members keep their spelling in any document', () => {
    fc.assert(
      fc.property(json.value, json.object, (value, input) => {
        const text = `{"n":1,"messages":[7,{"content":"input"},{"x":${value},"content":[{"in":${value}},{"input":${input},"y":${value}}]}]}`;
        const parsed = read(text) as { messages: [number, object, { content: { input: unknown }[] }] };
        const kept = parsed.messages[2].content[1]!.input;
        if (keepsNumbers(input)) expect(kept).toEqual(JSON.parse(input));
        else expect(kept).toEqual(new RawJson(input));
        parsed.messages[2].content[1]!.input = 0;
        expect(parsed).toEqual(
          JSON.parse(
            `{"n":1,"messages":[7,{"content":"input"},{"x":${value},"content":[{"in":${value}},{"input":0,"y":${value}}]}]}`,
          ),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('members of the same name at other paths are parsed normally', () => {
    const text =
      '{"input":{"n":1.0},"messages":[{"input":{"n":1.0},"content":[[{"input":{"n":1.0}}]]}],"tools":[{"input_schema":{"properties":{"input":{"maximum":9007199254740993}}}}]}';
    const parsed = read(text) as { tools: [{ input_schema: object }] };
    expect(writeJson(parsed.tools[0].input_schema)).toBe('{"properties":{"input":{"maximum":9007199254740993}}}');
    expect(parsed).toMatchObject({
      input: { n: 1 },
      messages: [{ input: { n: 1 }, content: [[{ input: { n: 1 } }]] }],
    });
  });

  it('the last of several members with one name counts', () => {
    const of = (text: string): unknown =>
      (read(text) as { messages: [{ content: [{ input: unknown }] }] }).messages[0].content[0].input;
    expect(of('{"messages":[{"content":[{"input":{"a":1.0},"input":{"b":1}}]}]}')).toEqual({ b: 1 });
    expect(of('{"messages":[{"content":[{"input":{"a":1},"\\u0069nput" : {"b":1.0} }]}]}')).toEqual(
      new RawJson('{"b":1.0}'),
    );
    expect(of('{"messages":[{"content":[{"input":{"a":1.0}}]}],"messages":[{"content":[{"input":{"b":1}}]}]}')).toEqual(
      { b: 1 },
    );
    expect(of('{"messages":[{"content":[{"input":"1.0"}]}],"x":1.0}')).toBe('1.0');
  });

  it('invalid JSON is rejected with SyntaxError despite exact members', () => {
    expect(() => read('{"messages":[1.0,]}')).toThrow(SyntaxError);
    expect(read('[1.0]')).toEqual([1]);
    expect(read(' 1.0 ')).toBe(1);
  });
});
