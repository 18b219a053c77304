/** Names of tools that a vendor defines itself, derived from their type names. */

/** `web_search_20250305`, `web_search_preview_2025_03_11` */
const VERSION = /_\d{4}(?:_?\d{2}){2}$/;

/**
 * Returns all names of a tool type: with and without its version, `_preview` and other parts that do not belong to the
 * tool's own name.
 */
export function listKindNames(kind: string): string[] {
  const plain = kind.replace(VERSION, '');
  const names = [kind, plain, plain.replace(/_preview$/, ''), plain.replace(/_use(?:_preview)?$/, '')];
  return [...new Set(names)];
}

/** Returns a tool's name, alone and qualified with its server or set. */
export const listQualifiedNames = (name: string, qualifier: string | undefined): string[] =>
  qualifier === undefined || qualifier === '' ? [name] : [name, `${qualifier}/${name}`];

/** Name of no real tool: only a pattern for all tools of a server or a set matches it. */
const ANY_TOOL = '\u0000';

/** Returns the names of a server or a set whose tools the request does not name. */
export const listSetNames = (set: string): string[] => [set, `${set}/${ANY_TOOL}`];
