/**
 * The admin API's document (OpenAPI 3.0). Decorators and doc comments hold what is specific to an operation; what
 * follows from its shape, such as its possible errors, is added here once, so that none can be forgotten.
 */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { buildProblemResponse, isProblemStatus, type ProblemStatus } from '../admin-api/api-problems.js';
import { ERROR_PAGES_PATH, ProblemDetails } from '../platform/http/problem-details.js';
import { PROTOCOL_ROUTES } from '../oauth/protocol/paths.js';
import { ADMIN_SCOPES, SCOPE_MEANINGS } from '../oauth/protocol/scopes.js';
import { describeFields } from './fields.js';

const DESCRIPTION = `
Organizations, people, LLM proxies, provider keys, virtual keys, and the record of every call.

**Credential.** \`Authorization: Bearer\` with an admin API key (\`arch_api_…\`), or with an access token that a person has
allowed. Press *Authorize* to sign in, or paste a key, to try the operations here.
A caller sees only its own organization; resources of other organizations are \`404\`.

**Lists** take \`limit\`, \`offset\` and \`search\`; logs, which grow while they are read, take \`limit\` and \`cursor\`.

**Changes.** \`PATCH\` is a merge patch (RFC 7396): absent fields stay unchanged, and \`null\` clears optional ones. Unknown fields are refused.
A change that removes rights takes effect immediately, also for credentials in use.

**Secrets** are shown once, in the response that creates them, and never again.

**Errors** are problem details (RFC 9457). \`code\` is stable; the wording of \`detail\` may change. \`type\` is the address of a page with
the cause and the fix; there is a list of [all error codes](${ERROR_PAGES_PATH}).

The routes for LLM clients (\`/v1/<provider>\`, \`/v1/<provider>/<llm-proxy-id>\`) follow the providers' own APIs, which the
providers document.

This page as a file: [openapi.json](/api/docs/openapi.json), [openapi.yaml](/api/docs/openapi.yaml).
`.trim();

/** In the order of the page. */
const TAGS: Readonly<Record<string, string>> = {
  Me: 'Who you are and what you may do.',
  Organization: 'Your organization and its settings.',
  Users: 'The people of your organization. They join by invitation link.',
  Roles: 'Custom roles: sets of permissions in place of the built-in roles.',
  Teams: 'Groups of users. They share provider keys, and an LLM proxy can be restricted to them.',
  'LLM proxies': 'Entry points for calls, with their access rules and guardrails.',
  'Provider keys': "The providers' own keys: personal, a team's, or the organization's. Sealed; never shown again.",
  'Virtual keys': 'Keys that clients send in place of provider keys. They map to stored provider keys.',
  'OAuth clients':
    'Applications that ask the authorization server for tokens, for themselves or for people who sign in.',
  'Identity providers': 'Trusted issuers of tokens, what their tokens must contain, and which users they name.',
  'Admin API keys': 'Keys for this API. Each acts as its user.',
  Models: 'What models cost, by the price list or by your organization.',
  Limits: 'Maximum usage of the parts of your organization in a window, and their usage so far.',
  'Model aliases': 'Your own names for models on the Model Router, with fallbacks and load balancing.',
  Interactions: 'One record per LLM call: caller, model, usage, duration and outcome.',
  Statistics: 'Figures of calls: number, tokens, cost, speed and callers.',
  Webhooks: 'Your own endpoints that receive events.',
  Explanations: 'The expected outcome of a call, and the reasons for it.',
  'Audit log': 'The changes in your organization, with their actors and the values before and after.',
  Operations: 'For load balancers and monitoring. No credential.',
};

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;

const OAUTH = 'oauth';
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

export function buildOpenApiDocument(nest: NestFastifyApplication, publicUrl: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Gatehouse admin API')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer(publicUrl)
    .addSecurity('adminApiKey', {
      type: 'http',
      scheme: 'bearer',
      description: 'An admin API key (`arch_api_…`), as `Authorization: Bearer`.',
    })
    .addSecurity(OAUTH, {
      type: 'oauth2',
      description: 'Sign in, and allow this page to act for you within your permissions.',
      flows: {
        authorizationCode: {
          authorizationUrl: publicUrl + PROTOCOL_ROUTES.authorization,
          tokenUrl: publicUrl + PROTOCOL_ROUTES.token,
          scopes: Object.fromEntries(ADMIN_SCOPES.map((scope) => [scope, SCOPE_MEANINGS[scope]!])),
        },
      },
    });
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(nest, builder.build(), {
    operationIdFactory: buildOperationId,
    extraModels: [ProblemDetails],
  });
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) if (path[method]) completeOperation(path[method], method, publicUrl);
  }
  describeFields(document);
  return document;
}

/**
 * `VirtualKeysController.rotate` is `rotateVirtualKey`, and its `list` is `listVirtualKeys`. A handler with several
 * words in its name is a complete operation id.
 */
function buildOperationId(controller: string, handler: string): string {
  if (/[A-Z]/.test(handler)) return handler;
  const resource = controller.replace(/Controller$/, '');
  return handler + (handler === 'list' ? resource : toSingular(resource));
}

const toSingular = (plural: string): string => plural.replace(/ies$/, 'y').replace(/s$/, '');

function completeOperation(operation: Operation, method: (typeof METHODS)[number], publicUrl: string): void {
  shortenSummary(operation);
  // The scope that the guard requires follows from the method. The list is shared by all operations of a controller.
  const scope = method === 'get' ? 'admin:read' : 'admin:write';
  // A credential that both the class and its handler declare is listed once.
  if (operation.security) operation.security = [operation.security[0]!, { [OAUTH]: [scope] }];
  for (const status of listRefusals(operation)) operation.responses[status] ??= { description: '' };
  for (const [key, response] of Object.entries(operation.responses)) {
    if (!response || !('description' in response)) continue;
    const status = Number(key);
    if (isProblemStatus(status) && !response.content)
      operation.responses[status] = buildProblemResponse(status, publicUrl);
    else response.description ||= OUTCOMES[key] ?? '';
  }
}

/** The first sentence of a handler's comment is its line in the list; the rest is its description. */
function shortenSummary(operation: Operation): void {
  const text = operation.summary ?? '';
  const end = text.search(/\.(\s|$)/);
  if (end < 0 || operation.description) return;
  operation.summary = text.slice(0, end);
  const rest = text.slice(end + 1).trim();
  if (rest) operation.description = rest;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  200: 'The current state.',
  201: 'Created. The response contains what was stored.',
  204: 'Done.',
};

function listRefusals(operation: Operation): ProblemStatus[] {
  const hasPathId = operation.parameters?.some((parameter) => 'in' in parameter && parameter.in === 'path');
  return [
    ...(operation.security ? ([400, 401, 403, 429, 503] as const) : []),
    ...(hasPathId ? ([404] as const) : []),
    ...(operation.requestBody ? ([413, 415] as const) : []),
  ];
}
