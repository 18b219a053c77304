/** Log probabilities repeat an answer's text piece by piece: where something was redacted they go. */
import { parseMarked, writeJson } from '../../providers/exact-json.js';

const NAMES = /logprobs/i;

/** The JSON text without its log probabilities; as it is where it has none. */
export function withoutLogprobs(json: string): string {
  if (!NAMES.test(json)) return json;
  try {
    const value = parseMarked(json);
    dropLogprobs(value);
    return writeJson(value);
  } catch {
    return json;
  }
}

/** Changes the value: lists become empty, objects null. */
export function dropLogprobs(value: unknown): void {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const holder = open.pop();
    if (typeof holder !== 'object' || holder === null) continue;
    const members = holder as Record<string, unknown>;
    for (const [name, member] of Object.entries(members)) {
      if (typeof member !== 'object' || member === null) continue;
      if (NAMES.test(name)) members[name] = Array.isArray(member) ? [] : null;
      else open.push(member);
    }
  }
}
