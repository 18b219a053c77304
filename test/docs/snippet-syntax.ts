/** Whether the snippets of the pages are what their language says: each is parsed, none is run. */
import { spawnSync } from 'node:child_process';
import { parseSync, type ParserConfig } from '@swc/core';
import { parseAllDocuments } from 'yaml';
import type { Snippet } from './pages.js';
import { tomlProblem } from './toml-shape.js';

/** Why the code is not valid; null: it is. */
type Check = (code: string) => string | null;

const DIAGRAMS = new Set([
  ...['flowchart', 'graph', 'sequenceDiagram', 'stateDiagram-v2', 'stateDiagram', 'classDiagram', 'erDiagram'],
  ...['journey', 'gantt', 'pie', 'mindmap', 'timeline', 'quadrantChart', 'gitGraph', 'block-beta', 'C4Context'],
]);

export const CHECKS: Readonly<Record<string, Check>> = {
  json: orMessage((code) => void JSON.parse(code)),
  yaml: (code) =>
    parseAllDocuments(code)
      .flatMap(({ errors, warnings }) => [...errors, ...warnings])
      .map(({ message }) => firstLine(message))[0] ?? null,
  toml: tomlProblem,
  /** Besides, by `bashProblem`. */
  sh: shellProblem,
  js: orMessage((code) => parse(code, { syntax: 'ecmascript' })),
  ts: orMessage((code) => parse(code, { syntax: 'typescript' })),
  mermaid: mermaidProblem,
  http: httpProblem,
  /** By `pythonProblems`. */
  python: () => null,
  text: () => null,
};

export function syntaxProblem({ language, code }: Snippet): string | null {
  if (language === '') return `the fence names no language: ${Object.keys(CHECKS).join(', ')}`;
  const check = CHECKS[language];
  return check ? check(code) : `the language ${language} is not one of ${Object.keys(CHECKS).join(', ')}`;
}

function orMessage(parseAll: (code: string) => void): Check {
  return (code) => {
    try {
      parseAll(code);
      return null;
    } catch (error) {
      return firstLine(messageOf(error));
    }
  };
}

function parse(code: string, parser: ParserConfig): void {
  parseSync(code, { ...parser, target: 'es2022' });
}

/** swc throws errors whose message is a drawing: the line that begins with `x` says what is wrong. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const plain = message.replace(/\x1b\[[\d;]*m/g, '');
  return /^\s*[x×] (.*)$/m.exec(plain)?.[1] ?? plain;
}

const firstLine = (text: string): string => text.trim().split('\n', 1)[0]!;

export const hasBash = spawnSync('bash', ['--version']).status === 0;
export const hasPython = spawnSync('python3', ['--version']).status === 0;

function shellProblem(code: string): string | null {
  const prompt = /^\s*[$%>] .*$/m.exec(code);
  return prompt ? `leave the prompt out: ${prompt[0].trim()}` : null;
}

/** Why bash does not parse it; null: it does. */
export function bashProblem({ code }: Pick<Snippet, 'code'>): string | null {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' });
  return status === 0 ? null : firstLine(stderr);
}

const PYTHON = `
import ast, json, sys
problems = []
for code in json.load(sys.stdin):
    try:
        ast.parse(code)
        problems.append(None)
    except SyntaxError as error:
        problems.append(f"line {error.lineno}: {error.msg}")
print(json.dumps(problems))
`;

/** One process for all: each start takes longer than all the parsing. */
export function pythonProblems(snippets: readonly Snippet[]): (string | null)[] {
  const input = JSON.stringify(snippets.map(({ code }) => code));
  const { stdout, stderr } = spawnSync('python3', ['-c', PYTHON], { input, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as (string | null)[];
}

function mermaidProblem(code: string): string | null {
  const first = code.split('\n').find((line) => line.trim() !== '' && !line.trim().startsWith('%%'));
  const kind = first?.trim().split(/\s/, 1)[0] ?? '';
  return DIAGRAMS.has(kind) ? null : `"${kind}" is not a kind of diagram`;
}

const REQUEST = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+(?: HTTP\/[\d.]+)?$/;
const HEADER = /^[A-Za-z][\w-]*: ./;

/** A request, a response or headers; the body begins after an empty line. */
function httpProblem(code: string): string | null {
  const [head = ''] = code.split('\n\n', 1);
  const [first = '', ...headers] = head.trimEnd().split('\n');
  if (!REQUEST.test(first) && !/^HTTP\/[\d.]+ \d{3}/.test(first) && !HEADER.test(first))
    return `"${first}" is not a request line, status line or header`;
  const wrong = headers.find((line) => !HEADER.test(line) && !/^\s/.test(line));
  return wrong === undefined ? null : `"${wrong}" is not a header`;
}
