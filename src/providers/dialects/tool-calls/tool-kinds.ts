/** Names of tools that a vendor defines itself, from the words that its languages have for them. */

/** `web_search_20250305`, `web_search_preview_2025_03_11` */
const VERSION = /_\d{4}(?:_?\d{2}){2}$/;

/** All that a kind of tool goes by: with and without its version, `_preview`, and what else is no part of the tool's own name. */
export function namesOfKind(kind: string): string[] {
  const plain = kind.replace(VERSION, '');
  const names = [kind, plain, plain.replace(/_preview$/, ''), plain.replace(/_use(?:_preview)?$/, '')];
  return [...new Set(names)];
}

/** A tool by its name, and by that of the server or the set it belongs to. */
export const qualifiedNames = (name: string, qualifier: string | undefined): string[] =>
  qualifier === undefined || qualifier === '' ? [name] : [name, `${qualifier}/${name}`];

/** No tool has this name: only a pattern for all tools of a server or a set matches it. */
const ANY_TOOL = '\u0000';

/** A server or a set whose tools the request does not name. */
export const namesOfSet = (set: string): string[] => [set, `${set}/${ANY_TOOL}`];
