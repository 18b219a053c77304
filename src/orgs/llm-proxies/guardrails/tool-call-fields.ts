/** Validation rules for the fields of rules for tool calls. */
import { ValidateBy, type ValidationArguments } from 'class-validator';
import { parseJsonPointer } from '../../../platform/json-pointer.js';
import { LinearTest } from '../../../platform/patterns/linear-test.js';

const MAX_TEXT = 1_000;
const MAX_POINTER = 500;
const MAX_TOKENS = 32;
export const MAX_VALUES = 100;

/** The comparing members of a condition, which needs one of them. */
export const COMPARISONS = ['equals', 'in', 'matches', 'exists', 'gt', 'gte', 'lt', 'lte'] as const;

/** PostgreSQL stores neither NUL nor lone surrogates. */

const STORABLE = /^[^\u0000\p{Cs}]*$/u;

/** Returns what is wrong with a value, or null. */
type Fault = (value: unknown, object: object) => string | null;

/** Validates a field with `fault`. The message is `<field> <fault>`. */
export const HasNoFault = (findFault: Fault) =>
  ValidateBy({
    name: 'hasNoFault',
    validator: {
      validate: (value, context) => findFault(value, context!.object) === null,
      defaultMessage: (context?: ValidationArguments) => `$property ${findFault(context!.value, context!.object)}`,
    },
  });

const findTextFault = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= MAX_TEXT && STORABLE.test(value)
    ? null
    : `must be a text of at most ${MAX_TEXT} characters`;

export const findScalarFault: Fault = (value) => {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'number') return findNumberFault(value);
  return findTextFault(value) && `must be a text of at most ${MAX_TEXT} characters, a number, true, false or null`;
};

/** Parsing may have rounded an integer beyond 2^53. */
export const findNumberFault = (value: unknown): string | null =>
  typeof value === 'number' && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
    ? null
    : 'must be a number, and a whole one between -9007199254740991 and 9007199254740991';

export const findScalarsFault: Fault = (value, object) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_VALUES)
    return `must be a list of 1 to ${MAX_VALUES} values`;
  const faults = value.map((one) => findScalarFault(one, object)).filter((fault) => fault !== null);
  return faults.length === 0 ? null : `must hold values each of which ${faults[0]}`;
};

export const findTestFault: Fault = (value) => {
  if (findTextFault(value) || value === '') return `must be a text of 1 to ${MAX_TEXT} characters`;
  try {
    new LinearTest(value as string);
    return null;
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`;
  }
};

export const findPointerFault: Fault = (value, object) => {
  const tokens =
    typeof value === 'string' && value.length <= MAX_POINTER && STORABLE.test(value) && parseJsonPointer(value);
  if (!tokens)
    return `must be a JSON Pointer (RFC 6901) of at most ${MAX_POINTER} characters, such as /items/0/name, or empty`;
  if (tokens.length > MAX_TOKENS) return `must have at most ${MAX_TOKENS} parts`;
  const compares = COMPARISONS.some((name) => (object as Record<string, unknown>)[name] !== undefined);
  return compares ? null : `must come with one of ${COMPARISONS.join(', ')}`;
};
