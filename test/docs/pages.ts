/** Reads Markdown pages: fenced snippets, links and headings, each with its line. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Snippet {
  page: string;
  /** Of the opening fence, counted from 1. */
  line: number;
  /** As the fence names it; empty: unmarked. */
  language: string;
  code: string;
}

export interface Link {
  page: string;
  line: number;
  target: string;
  /** As the page shows it; empty for links in other forms than `[text](target)`. */
  text: string;
}

export interface Page {
  /** Relative to the root of the repository. */
  path: string;
  snippets: readonly Snippet[];
  links: readonly Link[];
  /** As GitHub derives them from headings, and explicit ids. */
  anchors: ReadonlySet<string>;
  /** Headings of level 1. */
  titles: readonly string[];
  /** With the code of snippets blanked, line for line. */
  prose: string;
}

const ROOT_PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'];

/** All pages of `docs/`, and those outside that exist. */
export function allPages(): Page[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  const paths = [...ROOT_PAGES.filter((name) => existsSync(join(ROOT, name))), ...below.sort()];
  return paths.map((path) => readPage(path, readFileSync(join(ROOT, path), 'utf8')));
}

const FENCE = /^(\s*(?:[-*+] |\d+\. )?\s*)(`{3,}|~{3,})\s*(\S*)/;

export function readPage(path: string, text: string): Page {
  const snippets: Snippet[] = [];
  const prose: string[] = [];
  let open: { fence: string; indent: number; line: number; language: string; code: string[] } | null = null;
  for (const [at, line] of text.split('\n').entries()) {
    if (open) {
      if (isClosing(line, open.fence)) {
        const { language, code } = open;
        snippets.push({ page: path, line: open.line, language, code: code.map((row) => `${row}\n`).join('') });
        open = null;
      } else open.code.push(withoutIndent(line, open.indent));
      prose.push('');
      continue;
    }
    const [, indent, fence, language] = FENCE.exec(line) ?? [];
    if (fence) open = { fence, indent: indent!.length, line: at + 1, language: language!, code: [] };
    prose.push(fence ? '' : line);
  }
  if (open) throw new Error(`${path}:${open.line}: the fence is not closed`);
  const joined = prose.join('\n');
  const headings = headingsOf(prose);
  return {
    path,
    snippets,
    links: linksOf(path, joined),
    anchors: new Set([...slugs(headings.map(({ text: heading }) => heading)), ...explicitIds(joined)]),
    titles: headings.filter(({ level }) => level === 1).map(({ text: heading }) => heading),
    prose: joined,
  };
}

const isClosing = (line: string, fence: string): boolean => {
  const text = line.trim();
  return text.startsWith(fence) && text.replaceAll(fence[0]!, '') === '';
};

const withoutIndent = (line: string, indent: number): string =>
  line.slice(0, indent).trim() === '' ? line.slice(indent) : line;

function headingsOf(lines: readonly string[]): { level: number; text: string }[] {
  return lines.flatMap((line) => {
    const [, marks, text] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line) ?? [];
    return marks === undefined ? [] : [{ level: marks.length, text: text! }];
  });
}

/** GitHub's rule: lower case, punctuation removed, spaces to hyphens, repetitions numbered. */
function slugs(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const slug = heading
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

const explicitIds = (text: string): string[] =>
  [...text.matchAll(/<[a-z][^>]*\s(?:id|name)="([^"]+)"/g)].map(([, id]) => id!);

const LINKS = [
  /\[((?:[^\][]|\[[^\]]*\])*)\]\(\s*<?(?<target>[^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g,
  /^\s*\[[^\]^]+\]:\s*<?(?<target>[^\s>]+)>?/gm,
  /<(?:a|img)\s[^>]*(?:href|src)="(?<target>[^"]+)"/g,
];

function linksOf(page: string, prose: string): Link[] {
  const text = blank(blank(prose, /`+[^`\n]*`+/g), /<!--[\s\S]*?-->/g);
  return LINKS.flatMap((pattern) => [...text.matchAll(pattern)])
    .map(({ index, groups, 1: shown = '' }) => ({
      page,
      line: lineAt(text, index),
      target: groups!.target!,
      text: groups!.target === shown ? '' : prose.slice(index + 1, index + 1 + shown.length),
    }))
    .sort((one, other) => one.line - other.line);
}

const blank = (text: string, pattern: RegExp): string => text.replace(pattern, (found) => found.replace(/[^\n]/g, ' '));

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** Relative to the root of the repository. */
export function linkedFile({ page, target }: Pick<Link, 'page' | 'target'>): string {
  const path = target.split('#', 1)[0]!;
  return path === '' ? page : relative(ROOT, resolve(ROOT, page, '..', decodeURI(path)));
}

/** Why a link does not resolve; null: it does, or it leads to another site. */
export function linkProblem({ page, target }: Link, pages: ReadonlyMap<string, Page>): string | null {
  if (/^(?:https?|mailto):/.test(target)) return null;
  if (target.startsWith('/')) return `${target} is not relative`;
  const [path, anchor] = target.split('#', 2) as [string, string?];
  const file = linkedFile({ page, target });
  if (file.startsWith('..')) return `${target} leads out of the repository`;
  if (path !== '' && !existsSync(join(ROOT, file))) return `${target}: ${file} does not exist`;
  if (anchor === undefined) return null;
  const known = pages.get(file);
  if (!known) return file.endsWith('.md') ? null : `${target}: anchors are checked on pages only, link to the file`;
  return known.anchors.has(anchor) ? null : `${target}: ${file} has no heading #${anchor}`;
}

/** Why the text of a link names another file or folder than its target; null: it does not. */
export function linkTextProblem({ page, target, text }: Link): string | null {
  const name = /^`([a-z.][\w./-]*?)\/?`$/.exec(text)?.[1];
  const file = linkedFile({ page, target });
  if (name === undefined || file.endsWith('.md') || /^[a-z]+:/.test(target)) return null;
  const stem = file.replace(/(?:\.e2e-spec|\.spec)?\.tsx?$/, '');
  return [file, stem].some((path) => `/${path}`.endsWith(`/${name}`)) ? null : `${text} leads to ${file}`;
}
