/**
 * Conditions on the arguments of a call. A value that readers may understand differently is neither true nor false.
 * Pure.
 */
import { parseJsonPointer } from '../../../platform/json-pointer.js';
import { LinearTest } from '../../../platform/patterns/linear-test.js';
import type { Scalar, ToolCondition } from '../../../orgs/llm-proxies/policy/tool-calls.js';
import { JsonLeaf, type JsonNode } from '../../../providers/json/tree.js';
import { findValue, type FoundValue } from './argument-value.js';
import { foldText } from './name-patterns.js';

export type ConditionResult = 'yes' | 'no' | 'unclear';

type Check = (found: FoundValue) => ConditionResult;

/** `args` is the root of the arguments; free text is a string. */
export type Condition = (args: JsonNode) => ConditionResult;

export function compileCondition(condition: ToolCondition): Condition {
  const tokens = parseJsonPointer(condition.pointer)!;
  const checks = compileChecks(condition);
  return (args) => {
    const found = findValue(args, tokens);
    return combineAll(checks.map((check) => check(found)));
  };
}

export function combineAll(results: readonly ConditionResult[]): ConditionResult {
  if (results.includes('no')) return 'no';
  return results.includes('unclear') ? 'unclear' : 'yes';
}

function compileChecks({ equals, in: values, matches, exists, gt, gte, lt, lte }: ToolCondition): Check[] {
  const checks: Check[] = [];
  if (equals !== undefined) checks.push((found) => checkEquality(found, equals));
  if (values !== undefined) checks.push((found) => combineAny(values.map((one) => checkEquality(found, one))));
  if (matches !== undefined) checks.push(createMatchCheck(new LinearTest(matches)));
  if (exists !== undefined) checks.push((found) => checkExistence(found, exists));
  if (gt !== undefined) checks.push(createOrderCheck(gt, (order) => order > 0));
  if (gte !== undefined) checks.push(createOrderCheck(gte, (order) => order >= 0));
  if (lt !== undefined) checks.push(createOrderCheck(lt, (order) => order < 0));
  if (lte !== undefined) checks.push(createOrderCheck(lte, (order) => order <= 0));
  return checks;
}

function combineAny(results: readonly ConditionResult[]): ConditionResult {
  if (results.includes('yes')) return 'yes';
  return results.includes('unclear') ? 'unclear' : 'no';
}

const toResult = (isTrue: boolean): ConditionResult => (isTrue ? 'yes' : 'no');

function checkExistence(found: FoundValue, expected: boolean): ConditionResult {
  return found === 'unclear' ? 'unclear' : toResult((found !== 'absent') === expected);
}

/** For some readers an object or an array may contain the value, or a scalar of another kind may be converted to it. */
function checkEquality(found: FoundValue, expected: Scalar): ConditionResult {
  if (found === 'absent') return 'no';
  if (found === 'unclear' || !(found instanceof JsonLeaf)) return 'unclear';
  if (typeof expected === 'string' && found.isString) {
    if (found.text === expected) return 'yes';
    return foldText(found.text!) === foldText(expected) ? 'unclear' : 'no';
  }
  if (typeof expected === 'number' && found.isNumber) {
    const order = compareNumber(found.raw, expected);
    return order === null ? 'unclear' : toResult(order === 0);
  }
  if (found.raw === String(expected)) return 'yes';
  return isAlike(found.text ?? found.raw, String(expected)) ? 'unclear' : 'no';
}

const TRUE: ReadonlySet<string> = new Set(['true', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', '0']);

/** Whether lenient readers treat two scalars of different kinds as the same. */
function isAlike(value: string, expected: string): boolean {
  const [one, other] = [foldText(value), foldText(expected)];
  if (one === other || (TRUE.has(one) && TRUE.has(other)) || (FALSE.has(one) && FALSE.has(other))) return true;
  return one !== '' && other !== '' && Number(one) === Number(other);
}

function createMatchCheck(pattern: LinearTest): Check {
  return (found) => {
    if (found === 'absent') return 'no';
    if (found === 'unclear' || !(found instanceof JsonLeaf)) return 'unclear';
    if (found.isNull) return 'no';
    const text = found.text ?? found.raw;
    const isFound = pattern.test(text);
    if (isFound === null || (isFound && !found.isString)) return 'unclear';
    if (isFound) return 'yes';
    const normalized = text.normalize('NFKC');
    return normalized !== text && pattern.test(normalized) !== false ? 'unclear' : 'no';
  };
}

function createOrderCheck(bound: number, isFulfilled: (order: number) => boolean): Check {
  return (found) => {
    if (found === 'absent') return 'no';
    if (found === 'unclear' || !(found instanceof JsonLeaf) || !found.isNumber) return 'unclear';
    const order = compareNumber(found.raw, bound);
    return order === null ? 'unclear' : toResult(isFulfilled(order));
  };
}

/** Different numbers of at most this many digits stay different in double precision (IEEE 754). */
const EXACT_DIGITS = 15;

/** Returns the sign of `raw - other`; null if rounding hides it. */
function compareNumber(raw: string, other: number): number | null {
  const value = Number(raw);
  if (value !== other) return value < other ? -1 : 1;
  const digits = raw
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  return digits.length <= EXACT_DIGITS || raw === String(other) ? 0 : null;
}
