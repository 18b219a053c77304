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
  it.each([...OUTAGES, ...DRIVER])(
    'the error %s is an outage, also inside a TypeORM error or as a cause',
    (_, error) => {
      expect(isDatabaseOutage(error)).toBe(true);
      expect(isDatabaseOutage(failed(error))).toBe(true);
      expect(isDatabaseOutage(new Error('wrapped', { cause: failed(error) }))).toBe(true);
    },
  );

  it('failed attempts at several addresses and a lost transaction connection are outages', () => {
    expect(isDatabaseOutage(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(true);
    expect(isDatabaseOutage(new QueryRunnerAlreadyReleasedError())).toBe(true);
  });

  it.each([
    ['a unique violation', failed(coded('23505'))],
    ['an invalid value', failed(coded('22P02'))],
    ['a syntax error in a statement', failed(coded('42601'))],
    ['a programming error', new TypeError('x is not a function')],
    ['another TypeORM error', new TypeORMError('no metadata')],
    ['a system error of another kind', coded('ENOENT')],
    ['a message that quotes an outage', new Error('it said: Connection terminated')],
    ['a text instead of an error', 'ECONNREFUSED' as unknown as Error],
  ])('an error that is %s is not an outage', (_, error) => {
    expect(isDatabaseOutage(error)).toBe(false);
  });

  it('a circular chain of causes is not followed forever', () => {
    const error = new Error('a') as Error & { cause?: unknown };
    error.cause = new Error('b', { cause: error });
    expect(isDatabaseOutage(error)).toBe(false);
  });
});

describe('reachability of the database', () => {
  it.each(['28P01', '28000', '3D000', '53300', '42501'])(
    'the error %s means that the database is reachable',
    (code) => {
      expect(isUnreachable(coded(code))).toBe(false);
    },
  );

  it.each(['ECONNREFUSED', 'EPIPE', 'ENOTFOUND', '57P03', '57P01', '08P01', '08006'])(
    'the error %s means that the database is unreachable',
    (code) => {
      expect(isUnreachable(coded(code))).toBe(true);
    },
  );

  it('a closed connection or an expired timeout means that the database is unreachable', () => {
    expect(isUnreachable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isUnreachable(new Error('timeout expired'))).toBe(true);
  });
});
