/** Checks the shape of a client's body. Errors name the path of the wrong member (`messages[3].tool_calls[0].id`). */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { JsonObject } from './chat.js';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the value is absent. Null counts as absent everywhere. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** @param expected completes "must be …" */
export function createInvalidBodyError(path: string, expected: string): GatewayError {
  return new GatewayError('invalid_body', `The request body cannot be used: "${path}" must be ${expected}.`, {
    fields: [{ pointer: toPointer(path), detail: `must be ${expected}` }],
  });
}

/** @param advice a sentence that says what to do instead */
export function createUnsupportedError(path: string, advice: string): GatewayError {
  return new GatewayError('unsupported_parameter', `"${path}" cannot be honored here. ${advice}`, {
    fields: [{ pointer: toPointer(path), detail: advice }],
  });
}

export function readObject(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw createInvalidBodyError(path, 'an object');
  return value;
}

export function readString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw createInvalidBodyError(path, 'a string');
  return value;
}

/** Returns a name: a string that is not empty. */
export function readName(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw createInvalidBodyError(path, 'a non-empty string');
  return value;
}

export function readArray(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw createInvalidBodyError(path, 'an array');
  return value as unknown[];
}

/** Returns the JSON pointer of a path: `messages[3].content` is `/messages/3/content` (RFC 6901). */
function toPointer(path: string): string {
  return `/${path.replaceAll('[', '.').replaceAll(']', '').replaceAll('.', '/')}`;
}
