/**
 * Whether the calls of the admin API that the pages show are what the OpenAPI document describes: path, method and
 * body.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages.js';

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  enum?: unknown[];
  additionalProperties?: unknown;
}

interface Operation {
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const DOCUMENT = JSON.parse(readFileSync(join(ROOT, 'test/architecture/openapi.json'), 'utf8')) as Document;
/** Not part of the document: OAuth's endpoints and the pages of the document itself. */
const OTHER_PATHS = /^\/api\/(?:auth|docs)(?:\/|$)/;

const ORIGIN = String.raw`(?:https?:\/\/(?:localhost|127\.0\.0\.1):9000|https:\/\/gateway\.example|\$\{?GATEHOUSE(?:_URL)?\}?)`;
const PATH = String.raw`(\/api\/[^\s"'\`|),;?#]*(?:'?"?\$\w+"?'?[^\s"'\`|),;?#]*)?)`;
const NAMED = new RegExp(String.raw`(?:\b(GET|POST|PUT|PATCH|DELETE) |${ORIGIN})${PATH}`, 'g');

export interface Problem {
  line: number;
  problem: string;
}

/** Paths without an operation, and methods that they do not have. */
export function pathProblems(text: string): Problem[] {
  return [...text.matchAll(NAMED)].flatMap((match) => {
    const [, method, path] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const problem = pathProblem(method, path!);
    return problem === null ? [] : [{ line, problem }];
  });
}

function pathProblem(method: string | undefined, path: string): string | null {
  const plain = plainPath(path);
  if (isOtherPath(plain)) return null;
  const operations = operationsOf(plain);
  if (!operations) return `the admin API has no path ${path}`;
  if (method === undefined || operations[method.toLowerCase()]) return null;
  return `${path} has no method ${method}`;
}

/** Not part of the document, or a variable as a whole. */
const isOtherPath = (plain: string): boolean => OTHER_PATHS.test(plain) || plain === '/api/x';

const plainPath = (path: string): string =>
  path
    .split('?', 1)[0]!
    .replace(/['"]/g, '')
    .replace(/\$\{?\w+\}?|\{[^}]*\}|:\w+|…/g, 'x')
    .replace(/[/.]+$/, '');

function operationsOf(path: string): Record<string, Operation> | undefined {
  if (DOCUMENT.paths[path]) return DOCUMENT.paths[path];
  const found = Object.keys(DOCUMENT.paths).find((template) =>
    new RegExp(`^${template.replace(/\{[^}]*\}/g, '[^/]+')}$`).test(path),
  );
  return found === undefined ? undefined : DOCUMENT.paths[found];
}

/** The words of a shell argument: quoted pieces, variables and plain characters, without white space between them. */
const ARGUMENT = String.raw`((?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"|;&)])+)`;
/** Also by the function `admin path …` that the pages define. */
const CALL = /(?:\bcurl\b|(?<=^|\s|\()admin (?=[a-z]))(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^'"|;\n])*/gm;

/** Calls with a method that the path does not have, or with a body that the operation would refuse. */
export function bodyProblems(code: string): Problem[] {
  const joined = code.replace(/\\\n/g, '  ');
  return [...joined.matchAll(CALL)].flatMap((match) => {
    const problem = callProblem(match[0]);
    return problem === null ? [] : [{ line: code.slice(0, match.index).split('\n').length, problem }];
  });
}

function callProblem(command: string): string | null {
  const url = urlOf(command);
  const data = new RegExp(String.raw`\s(?:-d|--data|--json)\s+${ARGUMENT}`).exec(command)?.[1];
  const method = /\s-X\s+([A-Z]+)/.exec(command)?.[1] ?? (data === undefined ? 'GET' : 'POST');
  if (url === undefined || isOtherPath(plainPath(url))) return null;
  const operation = operationsOf(plainPath(url))?.[method.toLowerCase()];
  if (!operation) return `${url} has no method ${method}`;
  if (data === undefined || data.startsWith('@')) return null;
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (!schema) return `${method} ${url} takes no body`;
  const text = unquoted(data);
  // the whole body is a variable
  if (text === 'x') return null;
  try {
    return valueProblem(JSON.parse(text), schema, '');
  } catch {
    return `the body is not JSON: ${text}`;
  }
}

function urlOf(command: string): string | undefined {
  const path = /^admin (\S+)/.exec(command)?.[1];
  return path === undefined ? new RegExp(`${ORIGIN}${PATH}`).exec(command)?.[1] : `/api/${path}`;
}

/** As the shell passes it, with `x` for each variable. */
const unquoted = (argument: string): string =>
  argument.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\$\{?\w+\}?/g, (_, single?: string, double?: string) =>
    single !== undefined ? single : double !== undefined ? double.replace(/\\(.)/g, '$1').replace(/\$\w+/g, 'x') : 'x',
  );

/** Why the value does not fit: members that are unknown or missing, and words that are not in an enumeration. */
function valueProblem(value: unknown, given: Schema, pointer: string): string | null {
  const schema = resolved(given);
  if (Array.isArray(value)) return schema.items ? firstProblem(value, schema.items, pointer) : null;
  if (schema.enum && typeof value === 'string' && !isPlaceholder(value) && !schema.enum.includes(value))
    return `${pointer} is ${value}, not one of ${schema.enum.join(', ')}`;
  if (typeof value !== 'object' || value === null || !schema.properties) return null;
  for (const [name, member] of Object.entries(value)) {
    const known = schema.properties[name];
    if (!known) return schema.additionalProperties ? null : `there is no member ${pointer}/${name}`;
    const problem = valueProblem(member, known, `${pointer}/${name}`);
    if (problem !== null) return problem;
  }
  const missing = (schema.required ?? []).find((name) => !(name in value));
  return missing === undefined ? null : `the member ${pointer}/${missing} is missing`;
}

const isPlaceholder = (value: string): boolean => value === 'x' || value.includes('…');

function firstProblem(items: readonly unknown[], schema: Schema, pointer: string): string | null {
  for (const [at, item] of items.entries()) {
    const problem = valueProblem(item, schema, `${pointer}/${at}`);
    if (problem !== null) return problem;
  }
  return null;
}

function resolved(schema: Schema): Schema {
  if (schema.$ref !== undefined) return resolved(DOCUMENT.components.schemas[schema.$ref.split('/').at(-1)!]!);
  return schema.allOf?.length === 1 ? resolved(schema.allOf[0]!) : schema;
}
