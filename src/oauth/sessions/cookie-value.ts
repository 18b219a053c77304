/** Returns the value of a cookie in a request's `Cookie` header; empty when it is absent. */
export function readCookie(header: string | undefined, name: string): string {
  const pair = header?.split(';').find((each) => each.trim().startsWith(`${name}=`));
  return pair?.trim().slice(name.length + 1) ?? '';
}
