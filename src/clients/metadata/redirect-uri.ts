/**
 * Decides which redirect URIs a client may register: a browser is sent there with an authorization code. Pure. The
 * authorization server compares URIs byte for byte, so a stored URI must mean the same to every parser: no alternative
 * spelling of a host, nothing that a browser would drop or repair.
 */
export type ApplicationType = 'web' | 'native';

const MAX_LENGTH = 2000;

const MAX_PORT = 65_535;

/** RFC 8252 §7.3, and `localhost`, which many clients send although §8.3 advises against it. */
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Schemes that run code or read data in the browser itself. */
const DANGEROUS: ReadonlySet<string> = new Set(['javascript', 'vbscript', 'data', 'file', 'about', 'blob']);

/**
 * Editors whose schemes have no dot and a single well-known owner. RFC 8252 §7.1 requires a domain name of their own
 * from all others.
 */
const KNOWN_APPS: ReadonlySet<string> = new Set(['cursor', 'vscode', 'vscode-insiders', 'windsurf', 'zed']);

const SCHEME = /^([a-z][a-z0-9+.-]*):./i;
/** The authority between `//` and the path, RFC 3986 §3.2. */
const AUTHORITY = /^https?:\/\/([^/?]*)/i;
const PORT = /:\d*$/;
/** `.` and `..` as a path segment, which browsers remove. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

/** Returns null if the URI may be registered, else the reason, for the person who entered it. */
export function findRedirectUriProblem(uri: string, applicationType: ApplicationType): string | null {
  if (uri.length > MAX_LENGTH) return `A redirect URI has at most ${MAX_LENGTH} characters.`;
  if (/[^\x21-\x7e]|\\/.test(uri)) return 'A redirect URI holds visible ASCII characters only, and no backslash.';
  if (uri.includes('#')) return 'A redirect URI must not have a fragment (#).';
  if (uri.includes('*')) return 'A redirect URI must not have wildcards (*). Register each address separately.';
  const scheme = SCHEME.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined || !URL.canParse(uri))
    return 'A redirect URI must be absolute, such as https://app.example.com/callback.';
  if (DOT_SEGMENT.test(uri)) return 'A redirect URI must not have the segments . and .. in its path.';
  if (DANGEROUS.has(scheme)) return `A redirect URI must not use the scheme ${scheme}.`;
  if (scheme === 'https' || scheme === 'http') return findWebUriProblem(uri, scheme, applicationType);
  if (applicationType === 'web') return 'Only a native application may use a custom scheme. Use https.';
  return scheme.includes('.') || KNOWN_APPS.has(scheme)
    ? null
    : 'A custom scheme must be a reversed domain name, such as com.example.app (RFC 8252 §7.1).';
}

/**
 * Whether a response may be sent to `uri`: it is registered, byte for byte. For a loopback address any port is
 * accepted, independent of the registered one (RFC 8252 §7.3), because a program there listens on a port that is free.
 */
export function isRegisteredUri(uri: string, registered: readonly string[]): boolean {
  if (registered.includes(uri)) return true;
  const loopback = splitLoopback(uri);
  if (loopback === null) return false;
  return registered.some((each) => {
    const other = splitLoopback(each);
    return other !== null && other.host === loopback.host && other.rest === loopback.rest;
  });
}

/**
 * Whether a browser may be sent to `uri`: it is registered and follows the current rules. A client may have registered
 * it before a rule existed.
 */
export const mayRedirectTo = (uri: string, registered: readonly string[], applicationType: ApplicationType): boolean =>
  isRegisteredUri(uri, registered) && findRedirectUriProblem(uri, applicationType) === null;

/** Whether a response stays on the browser's machine, where any program can listen (RFC 8252 §8.6). */
export const isLoopbackUri = (uri: string): boolean =>
  URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol) && LOOPBACK.has(new URL(uri).hostname);

/** Matches `http` on a loopback address, in the spelling that may be registered. Port 0 does not match. */
const LOOPBACK_URI = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?($|[/?].*)$/;

function splitLoopback(uri: string): { host: string; rest: string } | null {
  const [, host, port = '80', rest] = LOOPBACK_URI.exec(uri) ?? [];
  if (host === undefined || Number(port) > MAX_PORT || findRedirectUriProblem(uri, 'web') !== null) return null;
  return { host, rest: rest! };
}

function findWebUriProblem(uri: string, scheme: 'https' | 'http', applicationType: ApplicationType): string | null {
  const authority = AUTHORITY.exec(uri)?.[1] ?? '';
  if (authority.includes('@')) return 'A redirect URI must not contain a user name or password.';
  if (authority === '' || authority.includes('%'))
    return 'A redirect URI must have its host directly after two slashes.';
  const host = authority.replace(PORT, '').toLowerCase();
  if (host !== new URL(uri).hostname) return 'A redirect URI must name its host in the usual form.';
  if (scheme === 'http') {
    return LOOPBACK.has(host) ? null : 'http is allowed only for localhost, 127.0.0.1 and [::1]. Use https.';
  }
  return applicationType === 'native' && LOOPBACK.has(host)
    ? 'A native application must use http, not https, on the local machine.'
    : null;
}
