/** Validates the headers that are sent along with a stored key. Pure. */
import { CREDENTIAL_HEADERS } from '../../auth/credentials/presented-credential.js';
import { validationError } from '../../admin-api/refusals.js';
import type { FieldError } from '../../platform/errors/gateway-error.js';

const MAX_HEADERS = 20;
const MAX_NAME_LENGTH = 100;
const MAX_VALUE_LENGTH = 1000;

/** RFC 9110 §5.6.2 token, and §5.5 restricted to ASCII. */
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const VALUE = /^[\x20-\x7e]*$/;

const COOKIES = new Set(['cookie', 'cookie2', 'set-cookie']);
/** Headers of RFC 9110 §7.6.1, similar ones of older peers, and those that only the gateway can set. */
const TRANSPORT = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'expect',
  'accept-encoding',
  'forwarded',
  'x-real-ip',
]);
const TRANSPORT_PREFIXES = ['proxy-', 'content-', 'x-archestra-', 'x-forwarded-'];
/** Matches names that indicate a secret value. Such headers are refused: all who can see the key see its headers. */
const SECRET_WORD =
  /(?:^|[-_])(?:auth|authorization|authentication|api-?key|apikey|secret|token|password|credentials?)(?:$|[-_])/;

/** Throws `validation_failed`, naming each header that cannot be sent along. */
export function checkExtraHeaders(headers: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(headers);
  const fields: FieldError[] = names.flatMap((name, i) => {
    const isDuplicate = names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < i;
    const detail = isDuplicate
      ? 'This header is given twice.'
      : (findNameProblem(name) ?? findValueProblem(headers[name]));
    return detail === null
      ? []
      : [{ pointer: `/extraHeaders/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, detail }];
  });
  if (names.length > MAX_HEADERS)
    fields.push({ pointer: '/extraHeaders', detail: `At most ${MAX_HEADERS} headers can be given.` });
  if (fields.length > 0) throw validationError(...fields);
}

function findNameProblem(name: string): string | null {
  const lowerName = name.toLowerCase();
  if (lowerName.length > MAX_NAME_LENGTH || !NAME.test(lowerName)) return 'This is not a header name.';
  if (
    CREDENTIAL_HEADERS.has(lowerName) ||
    COOKIES.has(lowerName) ||
    lowerName === 'proxy-authorization' ||
    SECRET_WORD.test(lowerName)
  ) {
    return 'Credentials and cookies cannot be extra headers, which are shown in lists. Send the key as apiKey.';
  }
  if (TRANSPORT.has(lowerName) || TRANSPORT_PREFIXES.some((prefix) => lowerName.startsWith(prefix))) {
    return 'Only the gateway sets this header. Send a key as apiKey.';
  }
  return null;
}

function findValueProblem(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_VALUE_LENGTH)
    return `The value must be a text of at most ${MAX_VALUE_LENGTH} characters.`;
  return VALUE.test(value) ? null : 'The value may hold visible ASCII characters and spaces only.';
}
