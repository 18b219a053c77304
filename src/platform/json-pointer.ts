/** JSON Pointer (RFC 6901). Pure. */

/** The decoded reference tokens (§4); the empty pointer, which names the whole document, has none. Null: it is no pointer (§3). */
export function parseJsonPointer(pointer: string): string[] | null {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null;
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
