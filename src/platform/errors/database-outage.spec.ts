import { QueryFailedError, QueryRunnerAlreadyReleasedError, TypeORMError } from 'typeorm';
import { isDatabaseOutage, isUnreachable } from './database-outage.js';

const coded = (code: string, message = 'whatever'): Error => Object.assign(new Error(message), { code });
const failed = (driverError: Error): Error => new QueryFailedError('SELECT $1', ['secret'], driverError);

const OUTAGES: readonly (readonly [string, Error])[] = [
  ...['08000', '08001', '08003', '08006', '08P01', '53000', '53100', '53200', '53300', '53400'],
  ...['57P01', '57P02', '57P03', '57P04', '57P05', '57014', '58000', '58030', '25006', '25P03', '40001', '40P01'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ENOSPC', 'EMFILE', 'ERR_STREAM_DESTROYED'],
].map((code) => [code, coded(code)] as const);
const DRIVER = [
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'The server does not support SSL connections',
].map((message) => [message, new Error(message)] as const);

describe('an outage of the database', () => {
  it.each([...OUTAGES, ...DRIVER])('is told by %s, as it comes, within TypeORM’s error, and as a cause', (_, error) => {
    expect(isDatabaseOutage(error)).toBe(true);
    expect(isDatabaseOutage(failed(error))).toBe(true);
    expect(isDatabaseOutage(new Error('wrapped', { cause: failed(error) }))).toBe(true);
  });

  it('is told by the attempts at several addresses, and by a connection that is gone in the middle of a transaction', () => {
    expect(isDatabaseOutage(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(true);
    expect(isDatabaseOutage(new QueryRunnerAlreadyReleasedError())).toBe(true);
  });

  it.each([
    ['a unique violation', failed(coded('23505'))],
    ['a value that is none', failed(coded('22P02'))],
    ['a mistake in a statement', failed(coded('42601'))],
    ['a mistake of ours', new TypeError('x is not a function')],
    ['another of TypeORM’s errors', new TypeORMError('no metadata')],
    ['a system error of another kind', coded('ENOENT')],
    ['a message that quotes one', new Error('it said: Connection terminated')],
    ['no error at all', 'ECONNREFUSED' as unknown as Error],
  ])('is not told by %s', (_, error) => {
    expect(isDatabaseOutage(error)).toBe(false);
  });

  it('is not looked for in a circle for ever', () => {
    const error = new Error('a') as Error & { cause?: unknown };
    error.cause = new Error('b', { cause: error });
    expect(isDatabaseOutage(error)).toBe(false);
  });
});

describe('a database that does not let us in', () => {
  it.each(['28P01', '28000', '3D000', '53300', '42501'])('is there: %s', (code) => {
    expect(isUnreachable(coded(code))).toBe(false);
  });

  it.each(['ECONNREFUSED', 'EPIPE', 'ENOTFOUND', '57P03', '57P01', '08P01', '08006'])('is none: %s', (code) => {
    expect(isUnreachable(coded(code))).toBe(true);
  });

  it('is none when the connection is closed or nothing comes', () => {
    expect(isUnreachable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isUnreachable(new Error('timeout expired'))).toBe(true);
  });
});
