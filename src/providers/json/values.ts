/**
 * Reads values of the spans that `members.ts` found in a request. A value of the wrong type is refused: a lenient
 * server would coerce it and see a different request than the gateway did.
 */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { JsonSpan } from './members.js';

const NULL_FIRST_BYTE = 0x6e;

/** Whether a member is missing or `null`, which every vendor treats alike. */
export function isAbsent(body: Buffer, span: JsonSpan | undefined): boolean {
  return span === undefined || body[span.start] === NULL_FIRST_BYTE;
}

/** @throws GatewayError `invalid_body` unless it is a string, null or missing */
export function readString(body: Buffer, span: JsonSpan | undefined, name: string): string | null {
  if (span === undefined || isAbsent(body, span)) return null;
  if (body[span.start] !== 0x22) throw createWrongTypeError(name, 'a string');
  const raw = body.toString('utf8', span.start + 1, span.end - 1);
  return raw.includes('\\') ? parseString(raw, name) : raw;
}

/** @throws GatewayError `invalid_body` unless it is true, false, null or missing */
export function readBoolean(body: Buffer, span: JsonSpan | undefined, name: string): boolean | null {
  if (span === undefined || isAbsent(body, span)) return null;
  const first = body[span.start];
  if (first !== 0x74 && first !== 0x66) throw createWrongTypeError(name, 'true or false');
  return first === 0x74;
}

/** @throws GatewayError `invalid_body` unless it is a number, null or missing */
export function readNumber(body: Buffer, span: JsonSpan | undefined, name: string): number | null {
  if (span === undefined || isAbsent(body, span)) return null;
  const first = body[span.start]!;
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) throw createWrongTypeError(name, 'a number');
  return Number(body.toString('latin1', span.start, span.end));
}

/** @throws GatewayError `invalid_body` unless it is an array, null or missing; its elements are not checked */
export function readArray(body: Buffer, span: JsonSpan | undefined, name: string): unknown[] {
  if (span === undefined || isAbsent(body, span)) return [];
  if (body[span.start] !== 0x5b) throw createWrongTypeError(name, 'an array');
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end)) as unknown[];
  } catch {
    throw createWrongTypeError(name, 'valid JSON');
  }
}

export function isObject(body: Buffer, span: JsonSpan): boolean {
  return body[span.start] === 0x7b;
}

export function createWrongTypeError(name: string, expected: string): GatewayError {
  return new GatewayError('invalid_body', `The request body cannot be used: "${name}" must be ${expected}.`, {
    fields: [{ pointer: `/${name}`, detail: `must be ${expected}` }],
  });
}

function parseString(raw: string, name: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    throw createWrongTypeError(name, 'a valid string');
  }
}
