/**
 * LLM requests: the golden fixtures of the vendors and client formats, mutated, on provider routes and on the router.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Json } from '../support/http/admin-client.js';
import { brokenBody, mutated } from './odd-values.js';
import { encoded, type Step, type StepShape } from './steps.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/translation');

/**
 * Statuses that a client of the gateway may get (wire.md §6): refusals of the gateway and of the vendor, and
 * unavailable vendors.
 */
const STATUSES = [200, 400, 401, 403, 404, 413, 415, 422, 429, 502, 503, 504];

interface Route {
  shape: StepShape;
  path: string;
  bodies: readonly Json[];
  /** Models that the body may name; none: the path names it. */
  models: readonly string[];
}

const casesOf = (directory: string): Json[] =>
  readdirSync(join(FIXTURES, directory))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(FIXTURES, directory, file), 'utf8')));
const present = (values: Json[]): Json[] => values.filter((value) => typeof value === 'object' && value !== null);

const VENDORS = ['anthropic', 'bedrock', 'cohere', 'gemini', 'vertex'];
const chats = present(VENDORS.flatMap(casesOf).map(({ chat }) => chat));
const vendorBodies = (vendor: string): Json[] => present(casesOf(vendor).map(({ request }) => request?.body));
const messages = present(casesOf('messages').map(({ request, body }) => request ?? body));
const responses = present(casesOf('responses').map(({ request, body }) => request?.body ?? request ?? body));
const embeddings: Json[] = [
  { model: 'm', input: 'Hello' },
  { model: 'm', input: ['a', 'b'], dimensions: 8 },
];

const ROUTER_MODELS = [
  'openai:gpt-5.4',
  'anthropic:claude-sonnet-4-5',
  'gemini:gemini-2.5-flash',
  'cohere:command-a-03-2025',
  'groq:llama-3.3-70b-versatile',
  'mistral:mistral-large-latest',
  'bedrock:anthropic.claude-sonnet-4-5-20250929-v1:0',
  'bedrock:amazon.nova-pro-v1:0',
];

const ROUTES: readonly Route[] = [
  { shape: 'openai', path: '/v1/openai/chat/completions', bodies: chats, models: ['gpt-5.4'] },
  { shape: 'openai', path: '/v1/openai/responses', bodies: responses, models: ['gpt-5.4'] },
  { shape: 'openai', path: '/v1/groq/chat/completions', bodies: chats, models: ['llama-3.3-70b-versatile'] },
  { shape: 'openai', path: '/v1/mistral/chat/completions', bodies: chats, models: ['mistral-large-latest'] },
  { shape: 'anthropic', path: '/v1/anthropic/v1/messages', bodies: vendorBodies('anthropic'), models: [] },
  { shape: 'cohere', path: '/v1/cohere/v2/chat', bodies: vendorBodies('cohere'), models: [] },
  {
    shape: 'gemini',
    path: '/v1/gemini/v1beta/models/gemini-2.5-flash:generateContent',
    bodies: vendorBodies('gemini'),
    models: [],
  },
  {
    shape: 'bedrock',
    path: '/v1/bedrock/model/amazon.nova-pro-v1%3A0/converse',
    bodies: vendorBodies('bedrock'),
    models: [],
  },
  ...[1, 2, 3].map(() => ({
    shape: 'openai' as const,
    path: '/v1/model-router/chat/completions',
    bodies: chats,
    models: ROUTER_MODELS,
  })),
  { shape: 'openai', path: '/v1/model-router/responses', bodies: responses, models: ROUTER_MODELS },
  { shape: 'anthropic', path: '/v1/model-router/v1/messages', bodies: messages, models: ROUTER_MODELS },
  { shape: 'openai', path: '/v1/model-router/embeddings', bodies: embeddings, models: ROUTER_MODELS },
];

export function llmSteps(virtualKey: string): fc.Arbitrary<Step> {
  return fc.constantFrom(...ROUTES).chain(({ shape, path, bodies, models }) =>
    fc
      .record({
        body: fc.oneof(
          { weight: 15, arbitrary: bodiesOf(bodies, models).map(encoded) },
          { weight: 1, arbitrary: brokenBody },
        ),
        type: fc.constantFrom(
          ...Array<string>(8).fill('application/json'),
          'text/plain',
          'application/json; charset=utf-16',
        ),
      })
      .map(({ body, type }) => ({
        title: `POST ${path}`,
        shape,
        method: 'POST',
        path,
        headers: {
          authorization: `Bearer ${virtualKey}`,
          'content-type': type,
          ...(shape === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
        },
        body,
        statuses: STATUSES,
      })),
  );
}

function bodiesOf(bodies: readonly Json[], models: readonly string[]): fc.Arbitrary<Json> {
  const named =
    models.length === 0
      ? fc.constantFrom(...bodies)
      : fc
          .tuple(fc.constantFrom(...bodies), fc.constantFrom(...models), fc.option(fc.boolean(), { freq: 3 }))
          .map(([body, model, stream]) => ({ ...body, model, ...(stream === null ? {} : { stream }) }));
  return mutated(named);
}
