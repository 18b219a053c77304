// Counts the constructions that make prose hard to read, per 10,000 words, in comments and documentation.
// node test/prose/prose.mjs            the figures; exits with 1 when one is above its maximum
// node test/prose/prose.mjs --list [path…]   each occurrence, as file:line
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAX_PER_10_000 = 3;

const CONSTRUCTIONS = {
  'whoever, whatever, nobody, somebody, anybody': /\b(?:whoever|whatever|nobody|somebody|anybody)\b/gi,
  'told, tell(s)': /\b(?:told|tells?)\b/gi,
  'stand(s)': /\bstands?\b/gi,
  'for good, at once, anew, nought, whom': /\b(?:for good|at once|anew|nought|whom)\b/gi,
  'is/are/was no …': /\b(?:is|are|was|were) no\b/gi,
  'go(es) on': /\b(?:go|goes|going|went) on\b/gi,
};

const filesBelow = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));

/** Comments of TypeScript, as [offset, text]. */
function commentsOf(source) {
  const found = [];
  const file = ts.createSourceFile('x.tsx', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const seen = new Set();
  const add = (ranges) => {
    for (const { pos, end } of ranges ?? []) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      found.push([pos, source.slice(pos, end)]);
    }
  };
  const visit = (node) => {
    if (node.kind !== ts.SyntaxKind.JsxText) {
      add(ts.getLeadingCommentRanges(source, node.getFullStart()));
      add(ts.getTrailingCommentRanges(source, node.getEnd()));
    }
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  return found;
}

const withoutCode = (text) => text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '));

/** Prose of a file, as [offset, text]. */
function proseOf(path, source) {
  if (path.endsWith('.md')) return [[0, withoutCode(source)]];
  return commentsOf(source).map(([at, text]) => [at, withoutCode(text)]);
}

const lineOf = (source, offset) => source.slice(0, offset).split('\n').length;

const [, , flag, ...paths] = process.argv;
const roots = paths.length > 0 ? paths : ['src', 'test', 'docs', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const files = roots
  .flatMap((root) => filesBelow(join(ROOT, root)))
  .filter((path) => /\.(?:tsx?|md)$/.test(path) && !path.includes('fixtures'));

let words = 0;
const counts = Object.fromEntries(Object.keys(CONSTRUCTIONS).map((name) => [name, 0]));
for (const path of files) {
  const source = readFileSync(path, 'utf8');
  for (const [offset, text] of proseOf(path, source)) {
    words += text.match(/[\p{L}\p{N}'’-]+/gu)?.length ?? 0;
    for (const [name, pattern] of Object.entries(CONSTRUCTIONS)) {
      for (const { 0: match, index } of text.matchAll(pattern)) {
        counts[name]++;
        if (flag === '--list') console.log(`${relative(ROOT, path)}:${lineOf(source, offset + index)}: ${match}`);
      }
    }
  }
}

const rows = Object.entries(counts).map(([construction, count]) => ({
  construction,
  count,
  'per 10,000 words': Number(((count / words) * 10_000).toFixed(1)),
}));
if (flag !== '--list') console.table(rows);
if (flag !== '--list') console.log(`${words} words in ${files.length} files; at most ${MAX_PER_10_000} per 10,000`);
process.exitCode = flag !== '--list' && rows.some((row) => row['per 10,000 words'] > MAX_PER_10_000) ? 1 : 0;
