import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { Secret } from './secret.js';

const VALUE = 'sk-proj-0123456789';

describe('a secret', () => {
  const secret = new Secret(VALUE);

  it.each([
    ['interpolated', (): string => `${secret as unknown as string}`],
    ['concatenated', (): string => 'key ' + (secret as unknown as string)],
    ['serialized', (): string => JSON.stringify({ deep: [{ secret }] })],
    ['inspected', (): string => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['formatted', (): string => format('%s %o %O %j', secret, secret, secret, secret)],
    ['used as the message of an error', (): string => new Error(String(secret)).message],
  ])('a secret hides its value when it is %s', (_, print) => {
    expect(print()).toContain('[secret]');
    expect(print()).not.toContain('sk-proj');
  });

  it('a secret hides its value in the log', () => {
    const lines: string[] = [];
    pino({}, { write: (line: string) => void lines.push(line) }).info({ secret, caller: { secret } }, 'msg');
    expect(lines.join('')).not.toContain('sk-proj');
  });

  it('a secret has no enumerable property with its value', () => {
    expect(Object.keys(secret)).toEqual([]);
    expect(JSON.stringify({ ...secret })).toBe('{}');
  });

  it('a secret exposes its value through expose()', () => expect(secret.expose()).toBe(VALUE));

  it('a secret of at least twelve characters shows its last four', () => {
    expect(secret.last4).toBe('6789');
    expect(new Secret('0123456789ab').last4).toBe('89ab');
    expect(new Secret('0123456789a').last4).toBe('');
  });
});
