/**
 * Every error of a request: the stable code that clients may switch on, its HTTP status, its title (RFC 9457 §3.1.3)
 * and the level at which it is logged. The code of a row never changes; the wording of a message may.
 */
export const ERROR_CATALOG = {
  // who is calling
  credential_missing: { status: 401, title: 'No credential was sent', level: 'info' },
  credential_invalid: { status: 401, title: 'The credential is not valid', level: 'info' },
  credential_expired: { status: 401, title: 'The credential has expired', level: 'info' },
  method_not_accepted: { status: 401, title: 'This kind of credential is not accepted here', level: 'info' },
  credential_conflict: { status: 400, title: 'Two different credentials were sent', level: 'info' },
  credential_wrong_header: { status: 400, title: 'The credential was sent in the wrong header', level: 'info' },
  too_many_failures: { status: 429, title: 'Too many failed credentials', level: 'warn' },
  insufficient_scope: { status: 403, title: 'The token lacks a scope', level: 'info' },
  // what they may reach
  direct_keys_disabled: { status: 403, title: 'Direct provider keys are not allowed here', level: 'info' },
  proxy_not_allowed: { status: 403, title: 'The caller may not use this LLM proxy', level: 'info' },
  proxy_not_found: { status: 404, title: 'Unknown LLM proxy', level: 'info' },
  provider_not_mapped: { status: 400, title: 'The caller has no key for this provider', level: 'info' },
  team_not_allowed: { status: 403, title: 'The user is not in this team', level: 'info' },
  operation_not_allowed: { status: 403, title: 'A stored key may not use this path', level: 'info' },
  model_not_found: { status: 404, title: 'Unknown model', level: 'info' },
  policy_denied: { status: 403, title: 'The policy of this LLM proxy refuses the request', level: 'info' },
  guardrail_blocked: { status: 403, title: 'A guardrail refused the request', level: 'info' },
  rate_limited: { status: 429, title: 'Too many requests', level: 'info' },
  budget_exceeded: { status: 402, title: 'The budget is used up', level: 'info' },
  permission_denied: { status: 403, title: 'The role does not permit this', level: 'info' },
  origin_not_allowed: { status: 403, title: 'The request came from another origin', level: 'warn' },
  // the request itself
  invalid_body: { status: 400, title: 'The request body is not valid', level: 'info' },
  validation_failed: { status: 400, title: 'The request is not valid', level: 'info' },
  unsupported_parameter: { status: 400, title: 'A parameter cannot be honored', level: 'info' },
  path_not_found: { status: 404, title: 'No endpoint has this path', level: 'info' },
  not_found: { status: 404, title: 'Not found', level: 'info' },
  conflict: { status: 409, title: 'The request conflicts with the present state', level: 'info' },
  method_not_allowed: { status: 405, title: 'The method is not allowed', level: 'info' },
  body_too_large: { status: 413, title: 'The request body is too large', level: 'info' },
  unsupported_media_type: { status: 415, title: 'The content type or encoding cannot be used', level: 'info' },
  upgrade_required: { status: 426, title: 'Use plain HTTP', level: 'info' },
  bad_request: { status: 400, title: 'The request cannot be understood', level: 'info' },
  header_too_large: { status: 431, title: 'The request headers are too large', level: 'info' },
  request_timeout: { status: 408, title: 'The request took too long to arrive', level: 'info' },
  // what we depend on
  provider_key_unavailable: { status: 503, title: 'The stored provider key cannot be used', level: 'error' },
  idp_unreachable: { status: 503, title: 'The identity provider cannot be reached', level: 'error' },
  temporarily_unavailable: { status: 503, title: 'Temporarily unavailable', level: 'error' },
  shutting_down: { status: 503, title: 'This process is shutting down', level: 'info' },
  upstream_unreachable: { status: 502, title: 'The provider cannot be reached', level: 'warn' },
  upstream_error: { status: 502, title: 'The provider responded with an error', level: 'warn' },
  upstream_timeout: { status: 504, title: 'The provider did not respond in time', level: 'warn' },
  internal_error: { status: 500, title: 'Something went wrong here', level: 'error' },
} as const satisfies Record<string, { status: number; title: string; level: 'info' | 'warn' | 'error' }>;

export type ErrorCode = keyof typeof ERROR_CATALOG;

export const ERROR_CODES = Object.keys(ERROR_CATALOG) as readonly ErrorCode[];

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERROR_CATALOG, text);
