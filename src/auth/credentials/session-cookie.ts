/**
 * Returns the name of the cookie that identifies a browser's sign-in. `__Host-` binds it to this host and to https (RFC
 * 6265bis §4.1.3). Without https, which is allowed on loopback only, browsers reject such a name.
 */
export const getSessionCookieName = (publicUrl: string): string =>
  publicUrl.startsWith('https:') ? '__Host-gatehouse_sid' : 'gatehouse_sid';
