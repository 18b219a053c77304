/**
 * Conditions on the arguments of a call. A value that readers may understand differently is neither true nor false.
 * Pure.
 */
import { parseJsonPointer } from '../../../platform/json-pointer.js';
import { LinearTest } from '../../../platform/patterns/linear-test.js';
import type { Scalar, ToolCondition } from '../../../orgs/llm-proxies/policy/tool-calls.js';
import { JsonLeaf, type JsonNode } from '../../../providers/json/tree.js';
import { findValue, type Located } from './argument-value.js';
import { foldText } from './name-patterns.js';

export type Truth = 'yes' | 'no' | 'unclear';

type Check = (found: Located) => Truth;

/** `args` is the root of the arguments; free text is a string. */
export type Condition = (args: JsonNode) => Truth;

export function compileCondition(condition: ToolCondition): Condition {
  const tokens = parseJsonPointer(condition.pointer)!;
  const checks = checksOf(condition);
  return (args) => {
    const found = findValue(args, tokens);
    return combineAll(checks.map((check) => check(found)));
  };
}

export function combineAll(truths: readonly Truth[]): Truth {
  if (truths.includes('no')) return 'no';
  return truths.includes('unclear') ? 'unclear' : 'yes';
}

function checksOf({ equals, in: among, matches, exists, gt, gte, lt, lte }: ToolCondition): Check[] {
  const checks: Check[] = [];
  if (equals !== undefined) checks.push((found) => equality(found, equals));
  if (among !== undefined) checks.push((found) => anyOf(among.map((one) => equality(found, one))));
  if (matches !== undefined) checks.push(matching(new LinearTest(matches)));
  if (exists !== undefined) checks.push((found) => existence(found, exists));
  if (gt !== undefined) checks.push(ordering(gt, (order) => order > 0));
  if (gte !== undefined) checks.push(ordering(gte, (order) => order >= 0));
  if (lt !== undefined) checks.push(ordering(lt, (order) => order < 0));
  if (lte !== undefined) checks.push(ordering(lte, (order) => order <= 0));
  return checks;
}

function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes';
  return truths.includes('unclear') ? 'unclear' : 'no';
}

const toTruth = (holds: boolean): Truth => (holds ? 'yes' : 'no');

function existence(found: Located, wanted: boolean): Truth {
  return found === 'unclear' ? 'unclear' : toTruth((found !== 'absent') === wanted);
}

/** For some readers an object or an array may contain the value, or a scalar of another kind may be converted to it. */
function equality(found: Located, wanted: Scalar): Truth {
  if (found === 'absent') return 'no';
  if (found === 'unclear' || !(found instanceof JsonLeaf)) return 'unclear';
  if (typeof wanted === 'string' && found.isString) {
    if (found.text === wanted) return 'yes';
    return foldText(found.text!) === foldText(wanted) ? 'unclear' : 'no';
  }
  if (typeof wanted === 'number' && found.isNumber) {
    const order = compareNumber(found.raw, wanted);
    return order === null ? 'unclear' : toTruth(order === 0);
  }
  if (found.raw === String(wanted)) return 'yes';
  return isAlike(found.text ?? found.raw, String(wanted)) ? 'unclear' : 'no';
}

const TRUE: ReadonlySet<string> = new Set(['true', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', '0']);

/** Whether lenient readers treat two scalars of different kinds as the same. */
function isAlike(value: string, wanted: string): boolean {
  const [one, other] = [foldText(value), foldText(wanted)];
  if (one === other || (TRUE.has(one) && TRUE.has(other)) || (FALSE.has(one) && FALSE.has(other))) return true;
  return one !== '' && other !== '' && Number(one) === Number(other);
}

function matching(pattern: LinearTest): Check {
  return (found) => {
    if (found === 'absent') return 'no';
    if (found === 'unclear' || !(found instanceof JsonLeaf)) return 'unclear';
    if (found.isNull) return 'no';
    const text = found.text ?? found.raw;
    const isFound = pattern.test(text);
    if (isFound === null || (isFound && !found.isString)) return 'unclear';
    if (isFound) return 'yes';
    const loose = text.normalize('NFKC');
    return loose !== text && pattern.test(loose) !== false ? 'unclear' : 'no';
  };
}

function ordering(bound: number, holds: (order: number) => boolean): Check {
  return (found) => {
    if (found === 'absent') return 'no';
    if (found === 'unclear' || !(found instanceof JsonLeaf) || !found.isNumber) return 'unclear';
    const order = compareNumber(found.raw, bound);
    return order === null ? 'unclear' : toTruth(holds(order));
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
