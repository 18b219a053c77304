/** Log probabilities repeat the text of a response piece by piece, so they are removed when something is redacted. */
import { parseMarked, writeJson } from '../../../providers/json/exact.js';

const NAMES = /logprobs/i;

/** Returns the JSON text without its log probabilities; unchanged if it has none or is not JSON. */
export function removeLogprobs(json: string): string {
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
