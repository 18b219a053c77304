import { checkAdminJson } from './admin-json.js';
import type { GatewayError } from '../platform/errors/gateway-error.js';

function refusal(body: unknown): { code: string; pointers: string[] } | null {
  try {
    checkAdminJson(body);
    return null;
  } catch (error) {
    const { code, fields = [] } = error as GatewayError;
    return { code, pointers: fields.map((field) => field.pointer) };
  }
}

describe('JSON bodies of the admin API', () => {
  it.each([[{}], [{ name: 'Ada 👩‍💻', policy: { allowedModels: ['*'], maxOutputTokens: null }, teamIds: [] }]])(
    'the admin API accepts the body %j',
    (body) => expect(refusal(body)).toBeNull(),
  );

  it.each([[null], [[]], ['text'], [1], [true]])('the admin API refuses the body %j with invalid_body', (body) =>
    expect(refusal(body)).toEqual({ code: 'invalid_body', pointers: [] }),
  );

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    'a body member %s, which every object inherits, is refused with its pointer',
    (name) => {
      expect(refusal({ [name]: 1 })).toEqual({ code: 'validation_failed', pointers: [`/${name}`] });
      expect(refusal({ a: [{ [name]: {} }] })).toEqual({ code: 'validation_failed', pointers: [`/a/0/${name}`] });
    },
  );

  it.each(['\0', 'a\ud800', '\udc00b'])(
    'the body text %j, which the database cannot store, is refused with its pointer',
    (text) => {
      expect(refusal({ a: { 'b/c': [text] } })?.pointers).toEqual(['/a/b~1c/0']);
      expect(refusal({ a: { [text]: 1 } })?.pointers).toEqual(['/a']);
    },
  );

  it('a deeply nested body is refused without exhausting the stack', () => {
    const deep = `${'[['.repeat(100_000)}${']]'.repeat(100_000)}`;
    expect(refusal({ a: JSON.parse(deep) })?.code).toBe('validation_failed');
  });
});
