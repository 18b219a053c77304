/**
 * The environment variables that a shell snippet gives to Gatehouse itself, as opposed to a client or to its own lines.
 */

/** `npm start`, `npm run demo`, `node dist/cli.js`, `gatehouse start` … as the program of a command. */
const GATEHOUSE =
  /(?:^|[\s;&|(])(?:npm (?:start|run (?:demo|cli|start))|node (?:\S*\/)?dist\/(?:main|cli)\.js|gatehouse)(?=[\s;&|)]|$)/;
const ASSIGNMENT = /(?:^|\s|-e )([A-Z][A-Z0-9_]*)=/g;
const DECLARATION = /^\s*(?:export\s+)?[A-Z][A-Z0-9_]*=/;

/**
 * Names set on a line that starts Gatehouse, and names set on lines of their own before it, except those that the
 * snippet reads by itself (`$NAME`).
 */
export function gatehouseVariables(code: string): string[] {
  const lines = code.replace(/\\\n/g, ' ').split('\n');
  const start = lines.findLastIndex((line) => GATEHOUSE.test(line));
  if (start < 0) return [];
  const names = lines
    .slice(0, start + 1)
    .filter((line) => GATEHOUSE.test(line) || DECLARATION.test(line))
    .flatMap((line) => [...line.split(' #', 1)[0]!.matchAll(ASSIGNMENT)].map(([, name]) => name!));
  return [...new Set(names)].filter((name) => !new RegExp(String.raw`\$\{?${name}\b`).test(code));
}
