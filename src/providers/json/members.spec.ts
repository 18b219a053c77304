import fc from 'fast-check';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { MemberKeys, scanBody } from './members.js';

const KEYS = new MemberKeys('model', 'stream', 'max_tokens');

function scan(text: string | Buffer, keys = KEYS) {
  const body = Buffer.from(text as string);
  const { values } = scanBody(body, keys);
  return values.map((span) => span && (JSON.parse(body.toString('utf8', span.start, span.end)) as unknown));
}

function refusal(text: string | Buffer): string {
  try {
    scan(text);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_body') return error.detail;
    throw error;
  }
  return 'accepted';
}

describe('members of a JSON object', () => {
  it('members are found only at the top level', () => {
    expect(scan('{"messages":[{"model":"inner"}],"x":{"stream":1}, "model" : "m" ,"stream":true}')).toEqual([
      'm',
      true,
      undefined,
    ]);
    expect(scan(' {"model":"{\\"model\\":\\"x\\"}\\\\","max_tokens":1e3}\n')).toEqual([
      '{"model":"x"}\\',
      undefined,
      1000,
    ]);
    expect(scan('{}')).toEqual([undefined, undefined, undefined]);
  });

  it('members are found under names with escapes', () => {
    expect(scan('{"\\u006dodel":"m"}')).toEqual(['m', undefined, undefined]);
  });

  it('the scan agrees with JSON.parse on every object', () => {
    const json = fc.jsonValue({ maxDepth: 5 });
    const object = fc.dictionary(
      fc.oneof(fc.constantFrom('model', 'stream', 'max_tokens'), fc.string({ unit: 'binary' })),
      json,
    );
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        fc.pre(
          !Object.keys(value).some((key) => /^(model|stream|max_tokens)$/i.test(key) && key !== key.toLowerCase()),
        );
        const text = JSON.stringify(value, null, indent);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        expect(scan(text)).toEqual(KEYS.names.map((name) => (Object.hasOwn(parsed, name) ? parsed[name] : undefined)));
      }),
      { numRuns: 500 },
    );
  });

  it('the scan refuses exactly the texts that JSON.parse refuses', () => {
    const base = '{"model":"m\\n\\u00e9","a":[1,-2.5e+3,true,false,null,{"b":{}},[]],"stream":false}';
    fc.assert(
      fc.property(
        fc.nat(base.length - 1),
        fc.nat(2),
        fc.constantFrom(...'{}[]",:\\u0e.-+ \n\tatx'),
        (at, cut, character) => {
          const text = base.slice(0, at) + character + base.slice(at + cut);
          fc.pre(refusal(text) === 'accepted' || !/second|another case/.test(refusal(text)));
          expect([text, refusal(text) === 'accepted']).toEqual([text, isJsonObject(text)]);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('the scan agrees with JSON.parse on long strings with escapes', () => {
    for (const length of [0, 1, 30, 31, 32, 33, 34, 63, 64, 65, 66, 1000]) {
      for (const tail of ['', '\\', '\\\\', '"', '\\"', '"\\', '\n"']) {
        const value = 'x'.repeat(length) + tail + 'y'.repeat(40) + tail;
        expect(scan(JSON.stringify({ prompt: value, model: 'm' }))[0]).toBe('m');
      }
    }
  });

  it.each([
    ['{"model":"a","model":"b"}', /second "model" \(byte 13\)/],
    ['{"model":"a","\\u006dodel":"b"}', /second "model"/],
    ['{"model":"a","Model":"b"}', /another case \(Model\)/],
    ['{"MAX_TO\u212aENS":1}', /another case/],
    ['{"\u017ftream":true}', /another case/],
  ])('the ambiguous object %s is refused', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it.each([
    ['', 'an object is expected (byte 0)'],
    ['[1]', 'an object is expected (byte 0)'],
    ['{"a":1', 'a comma or a closing brace is missing (byte 6)'],
    ['{"a":[1,2}', 'a comma or a closing bracket is missing (byte 9)'],
    ['{"a":1}x', 'something after the end of the object (byte 7)'],
    ['{"a" 1}', 'a colon is missing (byte 5)'],
    ['{a:1}', 'a member name in double quotes is missing (byte 1)'],
    ['{"a":"é', 'a string that does not end (byte 5)'],
    ['{"a":"x\\q"}', 'an unknown escape inside a string (byte 7)'],
    ['{"a":"x\ny"}', 'a control character inside a string (byte 7)'],
    ['{"a":tru}', 'something that is not a JSON value (byte 5)'],
    ['{"a":01}', 'a number with a leading zero (byte 5)'],
    ['\ufeff{}', 'an object is expected (byte 0)'],
  ])('the error for %j is: %s', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it('bytes that are not UTF-8 are refused with their position', () => {
    const body = Buffer.concat([Buffer.from('{"a":"é€👋'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]);
    expect(refusal(body)).toContain('bytes that are not UTF-8 (byte 15)');
  });

  it('nesting deeper than 256 is refused, and 200 levels are accepted', () => {
    expect(refusal(`{"a":${'['.repeat(100_000)}`)).toMatch(/nesting deeper than 256/);
    expect(scan(`{"a":${'['.repeat(200)}${']'.repeat(200)},"model":"m"}`)[0]).toBe('m');
  });

  it('a body of a few megabytes is scanned in linear time', () => {
    for (const unit of ['\\"', '\\\\', 'x', '\\n ', '"']) {
      const inside = unit === '"' ? '","'.repeat(500_000) : unit.repeat(1_000_000);
      const started = process.hrtime.bigint();
      expect(scan(`{"a":["${inside}"],"model":"m"}`)[0]).toBe('m');
      // a generous bound: quadratic behaviour would take minutes
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2000);
    }
  });
});

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
