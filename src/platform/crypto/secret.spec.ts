import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { Secret } from './secret.js';

const VALUE = 'sk-proj-0123456789';

describe('a secret', () => {
  const secret = new Secret(VALUE);

  it.each([
    ['interpolated', (): string => `${secret as unknown as string}`],
    ['concatenated', (): string => 'key ' + (secret as unknown as string)],
    ['serialised', (): string => JSON.stringify({ deep: [{ secret }] })],
    ['inspected', (): string => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['formatted', (): string => format('%s %o %O %j', secret, secret, secret, secret)],
    ['the message of an error', (): string => new Error(String(secret)).message],
  ])('does not show its value when it is %s', (_, print) => {
    expect(print()).toContain('[secret]');
    expect(print()).not.toContain('sk-proj');
  });

  it('does not show its value in the log', () => {
    const lines: string[] = [];
    pino({}, { write: (line: string) => void lines.push(line) }).info({ secret, caller: { secret } }, 'msg');
    expect(lines.join('')).not.toContain('sk-proj');
  });

  it('has no property that holds its value, to be copied or enumerated', () => {
    expect(Object.keys(secret)).toEqual([]);
    expect(JSON.stringify({ ...secret })).toBe('{}');
  });

  it('gives its value when asked', () => expect(secret.expose()).toBe(VALUE));

  it('gives its last four characters where they are a small part of it', () => {
    expect(secret.last4).toBe('6789');
    expect(new Secret('0123456789ab').last4).toBe('89ab');
    expect(new Secret('0123456789a').last4).toBe('');
  });
});
