/** A parsed filter of RFC 7644 §3.4.2.2. */

export const COMPARISONS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type FilterValue = string | number | boolean | null;

export type Filter =
  | { op: 'and' | 'or'; filters: readonly Filter[] }
  | { op: 'not'; filter: Filter }
  | { op: 'pr'; path: AttributePath }
  | { op: Comparison; path: AttributePath; value: FilterValue }
  /** `emails[…]`: a single value of a multi-valued attribute matches all of `filter`. */
  | { op: 'values'; path: AttributePath; filter: Filter };

/** An attribute, or with a dot one of its sub-attributes, in lower case. `schema`: the URN before it, if present. */
export interface AttributePath {
  schema: string | null;
  name: string;
}

const NAME = /^(?:(urn:[\w.:-]+):)?([a-z$][\w$-]*(?:\.[a-z$][\w$-]*)?)$/i;

/** Returns null for an invalid path. */
export function parseAttributePath(text: string): AttributePath | null {
  const match = NAME.exec(text);
  return match && { schema: match[1]?.toLowerCase() ?? null, name: match[2]!.toLowerCase() };
}
