/**
 * Searches the data of one event (latin1) without parsing it. A needle begins with a letter, not with the quote before
 * it: quotes are frequent in JSON, and the search would stop at each of them. Inside a JSON string every quote is
 * escaped, so a bare `name":` can only be a member's name.
 */
const QUOTE = 0x22;
const SPACE = 0x20;
const COLON = 0x3a;

/**
 * Returns the offset of the first character of the named member's value, or -1. `tail` is the name and its closing
 * quote (`usage"`).
 */
export function findMemberValue(data: string, tail: string, from = 0): number {
  for (let at = data.indexOf(tail, from); at >= 0; at = data.indexOf(tail, at + 1)) {
    let i = at + tail.length;
    while (data.charCodeAt(i) === SPACE) i++;
    if (data.charCodeAt(i) !== COLON) continue;
    do i++;
    while (data.charCodeAt(i) === SPACE);
    return i;
  }
  return -1;
}

/** Whether the named member is an object. */
export const hasObject = (data: string, tail: string): boolean => hasValue(data, tail, 0x7b);

/** Whether the named member is a string. */
export const hasString = (data: string, tail: string): boolean => hasValue(data, tail, QUOTE);

function hasValue(data: string, tail: string, firstChar: number): boolean {
  for (let at = findMemberValue(data, tail); at >= 0; at = findMemberValue(data, tail, at)) {
    if (data.charCodeAt(at) === firstChar) return true;
  }
  return false;
}

/**
 * Returns the length (in bytes, with escapes as written) of the named member's string, summed over its occurrences; 0
 * if there are none.
 */
export function measureString(data: string, tail: string): number {
  let length = 0;
  for (let at = findMemberValue(data, tail); at >= 0; at = findMemberValue(data, tail, at)) {
    if (data.charCodeAt(at) !== QUOTE) continue;
    const end = findStringEnd(data, at + 1);
    length += end - at - 1;
    at = end;
  }
  return length;
}

/** Returns the named member's string, for names and ids; null if it is missing, empty or not a string. */
export function readStringMember(data: string, tail: string): string | null {
  const at = findMemberValue(data, tail);
  if (at < 0 || data.charCodeAt(at) !== QUOTE) return null;
  try {
    const raw = data.slice(at, findStringEnd(data, at + 1) + 1);
    return (JSON.parse(Buffer.from(raw, 'latin1').toString('utf8')) as string) || null;
  } catch {
    return null;
  }
}

function findStringEnd(data: string, from: number): number {
  let end = data.indexOf('"', from);
  while (end > 0 && isEscaped(data, end)) end = data.indexOf('"', end + 1);
  return end < 0 ? data.length : end;
}

function isEscaped(data: string, at: number): boolean {
  let run = at;
  while (data.charCodeAt(run - 1) === 0x5c) run--;
  return (at - run) % 2 === 1;
}
