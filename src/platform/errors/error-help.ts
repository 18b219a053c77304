/**
 * Cause and fix of every error code, for docs/errors.md and the pages of the codes. Markdown: code in backticks, and
 * links relative to docs/. A code without an entry is a type error.
 */
import type { ErrorCode } from './error-catalog.js';

export interface ErrorHelp {
  /** When the gateway responds with the code. */
  readonly cause: string;
  /** What the caller or the administrator does about it. */
  readonly fix: string;
}

export const ERROR_HELP: Readonly<Record<ErrorCode, ErrorHelp>> = {
  credential_missing: {
    cause: 'The request has no credential in any of the accepted headers.',
    fix: 'Send the key or token as `Authorization: Bearer`, or in the header that the vendor uses for its key.',
  },
  credential_invalid: {
    cause:
      'The key or token is unknown, revoked, damaged or of an unaccepted kind, or its user was disabled. For tokens of an identity provider the code covers every fault; the reason is in the log and in the record of the call only.',
    fix: 'Check that the complete value was copied. Create a new key, or fetch a new token. An administrator checks a token of an identity provider with `POST /api/identity-providers/{id}/test-token`.',
  },
  credential_expired: {
    cause: 'The virtual key, the admin API key or the access token has expired.',
    fix: 'Fetch a new token, use the refresh token, or create or rotate the key.',
  },
  method_not_accepted: {
    cause:
      "This endpoint does not accept this authentication method: for example a provider's own key on the Model Router, or a token of an identity provider there while the LLM proxy does not allow it.",
    fix: 'Use a virtual key or an OAuth token, or set `allowJwtOnRouter` on the LLM proxy.',
  },
  credential_conflict: {
    cause: 'The request has two different credentials in its headers.',
    fix: 'Send one credential, in one header. Look for a second one in the defaults of the client.',
  },
  credential_wrong_header: {
    cause:
      'A passthrough virtual key is in `Authorization`, a standard virtual key is in `X-Archestra-Virtual-Key`, or a credential is in the URL.',
    fix: 'Send a standard virtual key in place of the provider key, and a passthrough key in `X-Archestra-Virtual-Key`. Keep credentials out of URLs.',
  },
  too_many_failures: {
    cause: 'Too many requests from this address had a credential that failed (`FAILED_CREDENTIALS_PER_MINUTE`).',
    fix: 'Correct the credential, then wait for the time in `retry-after`.',
  },
  insufficient_scope: {
    cause: 'The access token or the admin API key lacks the scope that the endpoint needs.',
    fix: 'Request the scope that `WWW-Authenticate` names: `llm:proxy` for calls, `admin:read` or `admin:write` for the admin API.',
  },
  direct_keys_disabled: {
    cause: 'The LLM proxy does not accept provider keys of callers (`allowDirectKeys` is false).',
    fix: 'Use a virtual key or an OAuth token.',
  },
  proxy_not_allowed: {
    cause:
      'The caller may not use this LLM proxy: it belongs to another organization or to other teams, or the credential is restricted to other LLM proxies.',
    fix: 'Use the base URL of an LLM proxy that you may use. An administrator changes the teams of the LLM proxy, or the LLM proxies of the key or OAuth client.',
  },
  proxy_not_found: {
    cause: 'The id in the base URL belongs to no LLM proxy, or the organization has no default LLM proxy.',
    fix: 'Copy the id from `GET /api/llm-proxies`, or mark an LLM proxy as the default.',
  },
  provider_not_mapped: {
    cause:
      'The credential maps to no stored key for this provider, the user has none, or the provider has no address in this deployment.',
    fix: "Add a provider key to the virtual key or OAuth client, or store one for the user, team or organization. Set the key's `baseUrl` for providers without a public address.",
  },
  team_not_allowed: {
    cause: '`X-Archestra-Team-Id` names a team that the user does not belong to, or is not the id of a team.',
    fix: 'Leave the header out, or send the id of one of your teams.',
  },
  operation_not_allowed: {
    cause:
      'The path is not open to stored keys, or a limit on cost or tokens applies and the usage of this path cannot be measured.',
    fix: 'An administrator adds the operation to `policy.allowedOperations` of the LLM proxy, sets a price for the model, or removes the limit. Account administration needs your own provider key.',
  },
  model_not_found: {
    cause:
      'The Model Router cannot resolve the model name with this credential, or no server of the provider key has a pattern for it.',
    fix: 'Write the model as `provider:model`. `GET models` lists the models of the credential.',
  },
  policy_denied: {
    cause:
      'The policy of the LLM proxy or of the virtual key refuses the model, the address, the time or a header of the request.',
    fix: 'The message names the reason. Use another model or LLM proxy, or ask an administrator to change the policy.',
  },
  guardrail_blocked: {
    cause: 'A guardrail blocked the request, the response or a tool call, or it could not read the response.',
    fix: 'The message names the guardrail and the position. Remove the text, or ask an administrator to change the guardrail.',
  },
  rate_limited: {
    cause: 'A limit with a window of one minute, or a limit on parallel requests, has no capacity left.',
    fix: 'Retry after `retry-after`. `x-gateway-limit` names the limit.',
  },
  budget_exceeded: {
    cause: 'A limit with a window longer than a minute does not cover the request. Retries do not help.',
    fix: 'Wait until the time in the message, request fewer output tokens, or ask an administrator to raise the limit that `x-gateway-limit` names.',
  },
  permission_denied: {
    cause: 'The role of the user lacks the permission, or the credential belongs to no user.',
    fix: 'Ask an owner or admin for the permission that the message names. See [roles](roles.md).',
  },
  origin_not_allowed: {
    cause: 'A request with the session cookie came from another origin, or a form is out of date.',
    fix: 'Reload the page and repeat. Scripts use an admin API key instead of the cookie.',
  },
  invalid_body: {
    cause: 'The body is not valid JSON, or not an object of the form that the endpoint expects.',
    fix: 'Correct the body. The message names the position or the member.',
  },
  validation_failed: {
    cause: 'A member of the body or a query parameter is missing, unknown or has an invalid value.',
    fix: 'Correct the members that `errors` lists with a JSON Pointer.',
  },
  unsupported_parameter: {
    cause: 'The provider cannot honor a parameter, and the response would change without it.',
    fix: 'Remove the parameter, or choose another model. See [fidelity](guides/fidelity.md).',
  },
  path_not_found: {
    cause: 'The LLM route does not exist. Often the base URL of the client has a part too many or too few.',
    fix: 'Compare the base URL with [providers](guides/providers.md).',
  },
  not_found: {
    cause: 'The resource does not exist, or belongs to another organization.',
    fix: 'Check the id and the path.',
  },
  conflict: {
    cause: 'The request conflicts with the current state, for example with a name that is in use.',
    fix: 'Read the resource again and repeat with changed values.',
  },
  method_not_allowed: {
    cause: 'The path exists, but not with this HTTP method.',
    fix: 'Use a method that `Allow` or the API page at `/api/docs` lists.',
  },
  body_too_large: {
    cause: 'The body exceeds `MAX_REQUEST_BYTES` after decompression; in the admin API, 1 MiB.',
    fix: 'Send less, or raise `MAX_REQUEST_BYTES`.',
  },
  unsupported_media_type: {
    cause: 'The content type or the content encoding cannot be read.',
    fix: 'Send `application/json`, uncompressed or with `gzip`, `deflate` or `br`.',
  },
  upgrade_required: {
    cause: 'The client asked for a WebSocket.',
    fix: 'Configure the client to use plain HTTP with server-sent events.',
  },
  bad_request: {
    cause: 'The request is malformed, was cut off, or belongs to a sign-in that has ended.',
    fix: 'Send the request again. Start a sign-in again from the app.',
  },
  header_too_large: {
    cause: 'The request headers are larger than the server accepts.',
    fix: 'Send fewer or shorter headers.',
  },
  request_timeout: {
    cause: 'The request did not arrive completely in time.',
    fix: 'Send it again. Check the connection and proxies in front of the gateway.',
  },
  provider_key_unavailable: {
    cause:
      'The stored provider key cannot be read or decrypted, or the vendor issues no access token for it. The log names the reason.',
    fix: 'An administrator tests the key with `POST /api/llm-provider-api-keys/{id}/test`, and checks `ENCRYPTION_KEYS`, Vault or the variable that it refers to.',
  },
  idp_unreachable: {
    cause: 'The signing keys of the identity provider cannot be fetched, and none are cached.',
    fix: 'Retry shortly. `GET /api/identity-providers/{id}/health` shows the state of the keys.',
  },
  temporarily_unavailable: {
    cause: 'The database or Redis does not respond, or the memory for request bodies is used up.',
    fix: 'Retry after `retry-after`. See [operations](guides/operations.md).',
  },
  shutting_down: {
    cause: 'The process received SIGTERM and takes no new requests.',
    fix: 'Retry. The load balancer sends the request to another process.',
  },
  upstream_unreachable: {
    cause: 'The provider cannot be reached, broke the connection, redirected, or sent a response that is not valid.',
    fix: 'Retry. An administrator checks the address of the provider, and `UPSTREAM_ALLOWED_HOSTS` for private addresses.',
  },
  upstream_error: {
    cause: 'All targets of a model alias failed; the status is that of the last response.',
    fix: '`x-gateway-attempts` lists the targets. Retry, or use another alias.',
  },
  upstream_timeout: {
    cause: 'The provider did not accept the connection, start its response or continue it in time.',
    fix: 'Retry. An administrator raises `UPSTREAM_HEADERS_TIMEOUT_SECONDS` for models that think longer.',
  },
  internal_error: {
    cause: 'The gateway has a fault. The response shows no detail.',
    fix: 'Give the request id to your administrator, who finds the reason in the log.',
  },
};
