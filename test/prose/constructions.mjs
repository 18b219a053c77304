// Counts constructions that make prose hard to read: in comments and documentation, in messages, and in test titles.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const CONSTRUCTIONS = {
  'whoever, whatever, nobody, somebody, anybody': /\b(?:whoever|whatever|nobody|somebody|anybody)\b/gi,
  'told, tell(s)': /\b(?:told|tells?)\b/gi,
  'stand(s)': /\bstands?\b/gi,
  'for good, at once, anew, nought, whom': /\b(?:for good|at once|anew|nought|whom)\b/gi,
  'is/are/was no …': /\b(?:is|are|was|were) no\b/gi,
  'go(es) on': /\b(?:go|goes|going|went) on\b/gi,
};
const ROOTS = ['src', 'test', 'examples', 'docs', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
/** Shorter strings are names, keys and fragments. */
const MIN_WORDS_OF_A_MESSAGE = 3;
const TITLE_FUNCTIONS = /^(?:describe|it|test)\b/;

const filesBelow = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));

const countWords = (text) => text.match(/[\p{L}\p{N}'’-]+/gu)?.length ?? 0;
const withoutCode = (text) => text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '));

const isText = (node) =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node) ||
  ts.isJsxText(node);

/** Whether a text is the title of a test or of a group of tests. */
function isTitle(node) {
  const call = ts.isTemplateExpression(node.parent) ? node.parent.parent : node.parent;
  return (
    ts.isCallExpression(call) &&
    call.arguments[0] === (call === node.parent ? node : node.parent) &&
    TITLE_FUNCTIONS.test(call.expression.getText())
  );
}

/** Prose of a TypeScript file, as [group, offset, text]. */
function readCode(path, source) {
  const isTest = /\.(?:e2e-)?spec\.tsx?$/.test(path);
  const found = [];
  const file = ts.createSourceFile('x.tsx', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const seen = new Set();
  const addComments = (ranges) => {
    for (const { pos, end } of ranges ?? []) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      found.push(['comments', pos, source.slice(pos, end)]);
    }
  };
  const visit = (node) => {
    if (node.kind !== ts.SyntaxKind.JsxText) {
      addComments(ts.getLeadingCommentRanges(source, node.getFullStart()));
      addComments(ts.getTrailingCommentRanges(source, node.getEnd()));
    }
    if (isText(node)) {
      if (isTest && isTitle(node)) found.push(['test titles', node.getStart(file), node.text]);
      else if (!isTest && path.includes('/src/') && countWords(node.text) >= MIN_WORDS_OF_A_MESSAGE) {
        found.push(['messages', node.getStart(file), node.text]);
      }
    }
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  return found;
}

const readProse = (path, source) => (path.endsWith('.md') ? [['comments', 0, source]] : readCode(path, source));

const lineOf = (source, offset) => source.slice(0, offset).split('\n').length;

/** Every construction found below `paths`, as `{ group, construction, place, match }`; `words` counts per group. */
function findConstructions(root, paths = ROOTS) {
  const words = {};
  const found = [];
  const files = paths
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap(filesBelow)
    .filter((path) => /\.(?:tsx?|md)$/.test(path) && !path.includes('fixtures'));
  for (const path of files) {
    const source = readFileSync(path, 'utf8');
    for (const [group, offset, text] of readProse(path, source)) {
      const prose = withoutCode(text);
      words[group] = (words[group] ?? 0) + countWords(prose);
      for (const [construction, pattern] of Object.entries(CONSTRUCTIONS)) {
        for (const { 0: match, index } of prose.matchAll(pattern)) {
          found.push({
            group,
            construction,
            place: `${relative(root, path)}:${lineOf(source, offset + index)}`,
            match,
          });
        }
      }
    }
  }
  return { words, found };
}

/** Lists each occurrence below `paths`. */
export const listConstructions = (root, paths) => findConstructions(root, paths?.length > 0 ? paths : ROOTS).found;

/** Figures per group: `{ comments: { words, rows: [{ construction, count, per10000 }] }, messages, 'test titles' }`. */
export function countConstructions(root) {
  const { words, found } = findConstructions(root);
  return Object.fromEntries(
    Object.entries(words).map(([group, total]) => [
      group,
      {
        words: total,
        rows: Object.keys(CONSTRUCTIONS).map((construction) => {
          const count = found.filter((each) => each.group === group && each.construction === construction).length;
          return { construction, count, per10000: Number(((count / total) * 10_000).toFixed(1)) };
        }),
      },
    ]),
  );
}
