import { GatewayError } from '../errors/gateway-error.js';

type Row = readonly [
  code: 'upstream_unreachable' | 'upstream_timeout' | 'shutting_down',
  reason: string,
  detail: string,
];

const UNREACHABLE: Row = [
  'upstream_unreachable',
  'connection_failed',
  'No connection to the upstream service could be made.',
];
const BROKEN: Row = [
  'upstream_unreachable',
  'connection_lost',
  'The upstream service closed the connection before its response was complete.',
];
const MALFORMED: Row = [
  'upstream_unreachable',
  'bad_response',
  'The response of the upstream service is not valid HTTP.',
];
const UNSENDABLE: Row = [
  'upstream_unreachable',
  'bad_request',
  'The request could not be sent to the upstream service.',
];
const TLS: Row = [
  'upstream_unreachable',
  'tls_failed',
  'No trusted TLS connection to the upstream service could be made.',
];
const CLOSED: Row = ['shutting_down', 'egress_closed', 'This process is shutting down. Try again.'];

const ROWS: Readonly<Record<string, Row>> = {
  UND_ERR_CONNECT_TIMEOUT: [
    'upstream_timeout',
    'connect_timeout',
    'The upstream service did not accept a connection in time.',
  ],
  ETIMEDOUT: ['upstream_timeout', 'connect_timeout', 'The upstream service did not accept a connection in time.'],
  UND_ERR_HEADERS_TIMEOUT: [
    'upstream_timeout',
    'headers_timeout',
    'The upstream service did not start its response in time.',
  ],
  UND_ERR_BODY_TIMEOUT: [
    'upstream_timeout',
    'idle_timeout',
    'The upstream service stopped in the middle of its response.',
  ],
  ENOTFOUND: ['upstream_unreachable', 'name_not_found', 'The name of the upstream host could not be resolved.'],
  EAI_AGAIN: [
    'upstream_unreachable',
    'name_not_resolved',
    'The name of the upstream host could not be resolved at the moment.',
  ],
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_SOCKET: BROKEN,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: BROKEN,
  UND_ERR_HEADERS_OVERFLOW: MALFORMED,
  UND_ERR_INVALID_ARG: UNSENDABLE,
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: UNSENDABLE,
  UND_ERR_CLOSED: CLOSED,
  UND_ERR_DESTROYED: CLOSED,
  EPROTO: TLS,
};

/** Node's codes for rejected certificates (tls, "X509 certificate error codes"), and for failed handshakes. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/**
 * Converts an error of undici, Node or this module, as passed to `onError`, into a GatewayError. A GatewayError is
 * returned as it is. The detail is a fixed sentence: host names, addresses and messages of libraries go to `internal`
 * only.
 *
 * Codes: `upstream_timeout` (reasons `connect_timeout`, `headers_timeout`, `idle_timeout`), `shutting_down`, else
 * `upstream_unreachable`.
 */
export function toUpstreamError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const { code, text } = readErrorInfo(error);
  const [gatewayCode, reason, detail] = findRow(code);
  return new GatewayError(gatewayCode, detail, { reason, internal: text, cause: error });
}

function findRow(code: string): Row {
  if (code.startsWith('HPE_')) return MALFORMED;
  return ROWS[code] ?? (TLS_CODE.test(code) ? TLS : UNREACHABLE);
}

/** Reads by shape, not by class: Node's own errors may come from another realm. */
function readErrorInfo(error: unknown): { code: string; text: string } {
  const { code, message, errors } = (error ?? {}) as { code?: unknown; message?: unknown; errors?: unknown };
  // Connecting to several addresses yields an AggregateError without a message of its own.
  const text = Array.isArray(errors)
    ? errors.map((each) => readErrorInfo(each).text).join('; ')
    : String(message ?? error);
  return { code: typeof code === 'string' ? code : '', text };
}
