/**
 * Every operation that `openapi.json` documents: paths, queries and bodies that match their schemas, and mutated ones.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Json } from '../support/http/admin-client.js';
import { NO_ID } from '../support/http/openapi-values.js';
import { brokenBody, mutated, oddText } from './odd-values.js';
import { encoded, inUrl, type Step } from './steps.js';

interface Operation {
  method: string;
  path: string;
  operation: Json;
}

const DOCUMENT = new URL('../architecture/openapi.json', import.meta.url);

export function adminSteps(credential: string): fc.Arbitrary<Step> {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
  const operations: Operation[] = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return fc.constantFrom(...operations).chain((each) => stepOf(each, document, credential));
}

function stepOf({ method, path, operation }: Operation, document: Json, credential: string): fc.Arbitrary<Step> {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  const parameters: Json[] = operation.parameters ?? [];
  const text = (parameter: Json): fc.Arbitrary<string> =>
    fc.oneof(fittingValue(parameter.schema ?? {}, document).map(String), oddText);
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  return fc
    .record({
      path: fc.tuple(...inPath.map(text)),
      query: fc.tuple(...inQuery.map((parameter) => fc.option(text(parameter), { freq: 2 }))),
      body: schema === undefined ? fc.constant(undefined) : bodies(schema, document),
    })
    .map(({ path: values, query, body }) => {
      const filled = inPath.reduce<string>((to, { name }, i) => to.replace(`{${name}}`, inUrl(values[i]!)), path);
      const search = query.flatMap((value, i) => (value === null ? [] : [`${inQuery[i].name}=${inUrl(value)}`]));
      return {
        title: `${method} ${path}`,
        shape: 'problem',
        method,
        path: search.length > 0 ? `${filled}?${search.join('&')}` : filled,
        headers: {
          authorization: `Bearer ${credential}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body,
        statuses: Object.keys(operation.responses).map(Number),
      };
    });
}

const bodies = (schema: Json, document: Json): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 9, arbitrary: mutated(fittingValue(schema, document)).map(encoded) },
    { weight: 1, arbitrary: brokenBody },
  );

/** Values that the schema allows, including its boundaries. */
function fittingValue(schema: Json, document: Json, depth = 0): fc.Arbitrary<Json> {
  if (schema.$ref) return fittingValue(document.components.schemas[schema.$ref.split('/').pop()], document, depth);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  for (const kind of ['allOf', 'anyOf', 'oneOf'])
    if (schema[kind]) return fc.oneof(...schema[kind].map((each: Json) => fittingValue(each, document, depth + 1)));
  switch (schema.type) {
    case 'string':
      return fittingText(schema);
    case 'number':
    case 'integer':
      return fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 1_000_000, schema.minimum ?? 7);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(fittingValue(schema.items ?? {}, document, depth + 1), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, 2),
      });
    default:
      return fittingObject(schema, document, depth);
  }
}

function fittingObject(schema: Json, document: Json, depth: number): fc.Arbitrary<Json> {
  const required = new Set<string>(schema.required ?? []);
  const members = Object.entries<Json>(schema.properties ?? {}).filter(([name]) => depth < 6 || required.has(name));
  return fc.record(
    Object.fromEntries(members.map(([name, member]) => [name, fittingValue(member, document, depth + 1)])),
    { requiredKeys: [...required].filter((name) => members.some(([each]) => each === name)) },
  );
}

function fittingText({ format, minLength = 1, maxLength = 40, example }: Json): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.oneof(fc.constant(NO_ID), fc.uuid());
  if (format === 'date-time') return fc.constantFrom('2040-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z');
  if (format === 'email') return fc.nat().map((n) => `somebody${n}@example.com`);
  if (format === 'uri') return fc.constantFrom('https://example.com/', 'http://127.0.0.1:1/');
  const lengths = fc.constantFrom(minLength, Math.min(maxLength, 5_000)).map((length) => 'x'.repeat(length));
  return typeof example === 'string' ? fc.oneof(fc.constant(example), lengths) : lengths;
}
