/** JSON Pointer (RFC 6901). Pure. */

/**
 * Returns the decoded reference tokens (§4): none for the empty pointer, which refers to the whole document. Null if
 * the text is not a pointer (§3).
 */
export function parseJsonPointer(pointer: string): string[] | null {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null;
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
