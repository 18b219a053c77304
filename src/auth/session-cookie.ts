/**
 * The name of the cookie that a browser's sign-in is known by. `__Host-` binds it to this host and to https (RFC 6265bis
 * §4.1.3); without https, which is for loopback alone, browsers take no such name.
 */
export const sessionCookieName = (publicUrl: string): string =>
  publicUrl.startsWith('https:') ? '__Host-gatehouse_sid' : 'gatehouse_sid';
