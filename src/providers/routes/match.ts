import type { ProviderAdapter, RoutedOperation, RouteRule } from '../contract/provider-adapter.js';

/** Rule of paths without a rule: open only to callers with their own key, unless a policy allows `other`. */
const UNKNOWN_PATH: RouteRule = { method: '*', path: /^/, operation: 'other', class: 'other', metered: false };

/**
 * Rule of paths that a server behind the gateway could read differently. They are classed as administration, which no
 * policy opens to a stored key; callers with their own key may send any path.
 */
const AMBIGUOUS_PATH: RouteRule = {
  method: '*',
  path: /^/,
  operation: 'ambiguous_path',
  class: 'administration',
  metered: false,
};

const SLASH = 0x2f;
const PERCENT = 0x25;

/**
 * Returns the rule for a request. `rawPath` is the vendor path below the base as `normalizePath` returned it and as it
 * will be sent, byte for byte: no leading slash, percent-encoding untouched; a query is ignored. Pure; never throws.
 */
export function findRoute(adapter: ProviderAdapter, method: string, rawPath: string): RoutedOperation {
  const query = rawPath.indexOf('?');
  const path = query < 0 ? rawPath : rawPath.slice(0, query);
  const doubt = classifyPath(path);
  if (doubt === 'refuse') return { rule: AMBIGUOUS_PATH, pathModel: null };
  for (const rule of adapter.routes) {
    if (rule.method !== method && rule.method !== '*') continue;
    const match = rule.path.exec(path);
    if (!match) continue;
    const model = match.groups?.['model'];
    // Only model ids may contain escapes; an escaped slash only if everything below the rule is of one class.
    if (doubt !== 'none' && !mayHoldEscapes(rule, doubt, model, path)) break;
    return { rule, pathModel: model === undefined ? null : decodeURIComponent(model) };
  }
  return { rule: doubt === 'none' ? UNKNOWN_PATH : AMBIGUOUS_PATH, pathModel: null };
}

type Doubt = 'none' | 'escapes' | 'escaped-slash' | 'refuse';

function mayHoldEscapes(rule: RouteRule, doubt: Doubt, model: string | undefined, path: string): boolean {
  if (model === undefined || path.replace(model, '').includes('%')) return false;
  return doubt === 'escapes' || rule.class === 'model_listing' || rule.slashInModel === true;
}

/**
 * Checks the path in one pass for characters that no vendor's path needs, empty and dot segments, and escapes of any of
 * these.
 */
function classifyPath(path: string): Doubt {
  let doubt: Doubt = 'none';
  let segment = 0;
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    if (c === SLASH) {
      if (isEmptyOrDots(path, segment, i)) return 'refuse';
      segment = i + 1;
    } else if (c === PERCENT) {
      const escape = classifyEscape(path, i);
      if (escape === 'refuse') return 'refuse';
      if (doubt !== 'escaped-slash') doubt = escape;
    } else if (!isPathCharacter(c)) return 'refuse';
  }
  if (isEmptyOrDots(path, segment, path.length)) return 'refuse';
  return doubt === 'escaped-slash' && hasDotsBesideEscapedSlash(path) ? 'refuse' : doubt;
}

function isEmptyOrDots(path: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0) return true;
  if (path.charCodeAt(start) !== 0x2e) return false;
  return length === 1 || (length === 2 && path.charCodeAt(start + 1) === 0x2e);
}

/**
 * Whether the character is an RFC 3986 `pchar`, except `;` (some servers cut there) and characters that must be
 * escaped.
 */
function isPathCharacter(c: number): boolean {
  if ((c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39)) return true;
  return "-._~!$&'()*+,=:@".includes(String.fromCharCode(c));
}

/**
 * Classifies an escape. Escapes of a dot, a backslash, a percent sign, a semicolon, a question mark, a hash or a
 * control character are refused.
 */
function classifyEscape(path: string, at: number): Doubt {
  const digits = path.slice(at + 1, at + 3);
  if (!/^[0-9a-fA-F]{2}$/.test(digits)) return 'refuse';
  const c = Number.parseInt(digits, 16);
  if (c === SLASH) return 'escaped-slash';
  if (c < 0x20 || c >= 0x7f) return 'refuse';
  return '.\\%;?#'.includes(String.fromCharCode(c)) ? 'refuse' : 'escapes';
}

function hasDotsBesideEscapedSlash(path: string): boolean {
  return path.split(/\/|%2f/i).some((segment) => segment === '' || segment === '.' || segment === '..');
}
