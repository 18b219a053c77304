/**
 * The part of TOML that configuration files of clients use, read strictly: comments, tables, and keys with strings,
 * numbers, booleans, dates, arrays and inline tables on one line. Other TOML is refused.
 */

const KEY = String.raw`(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`;
const DOTTED = String.raw`${KEY}(?:\s*\.\s*${KEY})*`;
const TABLE = new RegExp(String.raw`^(\[\[?)\s*(${DOTTED})\s*(\]\]?)\s*(?:#.*)?$`);
const ASSIGNMENT = new RegExp(String.raw`^(${DOTTED})\s*=\s*(.*)$`);
const SCALAR =
  /^(?:"(?:[^"\\]|\\(?:[btnfre"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*"|'[^']*'|true|false|\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?|[+-]?(?:\d+(?:_\d+)*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/;

/** Why the text is not such TOML, with the line; null: it is. */
export function tomlProblem(text: string): string | null {
  const tables = new Set<string>();
  let keys = new Set<string>();
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const problem = lineProblem(line);
    if (problem !== null) return `line ${at + 1}: ${problem}`;
  }
  return null;

  function lineProblem(line: string): string | null {
    const table = TABLE.exec(line);
    if (table) {
      const [, open, name, close] = table;
      if (open!.length !== close!.length) return `the brackets of ${name} do not match`;
      if (open === '[' && tables.has(name!)) return `the table ${name} is there twice`;
      tables.add(name!);
      keys = new Set();
      return null;
    }
    const [, key, value] = ASSIGNMENT.exec(line) ?? [];
    if (key === undefined) return `"${line}" is neither a table nor an assignment`;
    if (keys.has(key)) return `the key ${key} is there twice`;
    keys.add(key);
    const rest = afterValue(value!);
    if (rest === null) return `"${value}" is not a value`;
    return rest === '' || rest.startsWith('#') ? null : `"${rest}" follows a value`;
  }
}

/** What follows the value that the text begins with; null: it does not begin with one. */
function afterValue(text: string): string | null {
  if (text.startsWith('[')) return afterList(text.slice(1).trimStart(), ']', afterValue);
  if (text.startsWith('{')) return afterList(text.slice(1).trimStart(), '}', afterPair);
  const scalar = SCALAR.exec(text)?.[0];
  return scalar === undefined ? null : text.slice(scalar.length).trimStart();
}

function afterPair(text: string): string | null {
  const [, , value] = ASSIGNMENT.exec(text) ?? [];
  return value === undefined ? null : afterValue(value);
}

function afterList(text: string, close: string, afterItem: (text: string) => string | null): string | null {
  for (let rest = text; ;) {
    if (rest.startsWith(close)) return rest.slice(1).trimStart();
    const after = afterItem(rest);
    if (after === null) return null;
    if (after.startsWith(',')) rest = after.slice(1).trimStart();
    else if (after.startsWith(close)) rest = after;
    else return null;
  }
}
