/** Splits a PATCH request (RFC 7644 §3.5.2) into one step per attribute, independent of the client's dialect. Pure. */
import { parseAttributePath, type AttributePath, type Filter } from '../filter/expression.js';
import { parseValuePath } from '../filter/parse.js';
import { readAttribute, isObject, type JsonObject } from '../protocol/json-attributes.js';
import { ScimError } from '../protocol/scim-errors.js';

export interface PatchStep {
  op: 'add' | 'replace' | 'remove';
  /** In lower case, without its sub-attribute and without the URN of the resource's own schema. */
  attribute: string;
  part: string | null;
  /** Selects values of a multi-valued attribute. */
  filter: Filter | null;
  value: unknown;
  /**
   * Whether a path named the attribute. False: it was a member of an object of values, which may hold more than is
   * meant.
   */
  isNamed: boolean;
  /** Whether it belongs to a schema other than the resource's own. */
  isForeign: boolean;
}

/** Throws `invalidSyntax`, `invalidPath`, `noTarget`, `invalidValue`. */
export function parsePatchSteps(body: JsonObject, schema: string): PatchStep[] {
  const operations = readAttribute(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw new ScimError('invalidSyntax', 'Operations must be a list of at least one operation.');
  }
  return operations.flatMap((operation) => parseOperation(operation, schema));
}

function parseOperation(operation: unknown, schema: string): PatchStep[] {
  if (!isObject(operation)) throw new ScimError('invalidSyntax', 'Each of Operations must be an object.');
  const op = readOperationName(readAttribute(operation, 'op'));
  const path = readAttribute(operation, 'path');
  const value = readAttribute(operation, 'value');
  if (path !== undefined && path !== '') {
    if (typeof path !== 'string') throw new ScimError('invalidPath', 'path must be text.');
    if (value === undefined && op === 'add')
      throw new ScimError('invalidValue', 'There is nothing to add: value is missing.');
    return [{ op, value, isNamed: true, ...parseStepPath(path, schema) }];
  }
  if (op === 'remove') throw new ScimError('noTarget', 'A remove operation needs a path.');
  if (!isObject(value)) throw new ScimError('invalidValue', 'Without a path, value must be an object of attributes.');
  // Entra ID uses whole paths as member names of such an object.
  return Object.entries(value).map(([name, each]) => ({
    op,
    value: each ?? undefined,
    isNamed: false,
    ...parseStepPath(name, schema),
  }));
}

/** Entra ID writes `Add`. */
function readOperationName(op: unknown): PatchStep['op'] {
  const name = typeof op === 'string' ? op.toLowerCase() : op;
  if (name === 'add' || name === 'replace' || name === 'remove') return name;
  throw new ScimError('invalidSyntax', 'op must be add, replace or remove.');
}

type StepPath = Pick<PatchStep, 'attribute' | 'part' | 'filter' | 'isForeign'>;

function parseStepPath(text: string, schema: string): StepPath {
  const bracket = text.indexOf('[');
  const path = parseAttributePath(bracket < 0 ? text : text.slice(0, bracket));
  if (!path) throw new ScimError('invalidPath', `'${text.slice(0, 80)}' is not a path.`);
  const [attribute, part = null] = path.name.split('.') as [string, string?];
  const plain = { attribute, isForeign: isForeign(path, schema) };
  if (bracket < 0) return { ...plain, part, filter: null };
  if (part !== null)
    throw new ScimError('invalidPath', `'${text.slice(0, 80)}': only a whole attribute can have a filter.`);
  return { ...plain, ...parseValuePath(text.slice(bracket)) };
}

const isForeign = (path: AttributePath, schema: string): boolean =>
  path.schema !== null && path.schema !== schema.toLowerCase();
