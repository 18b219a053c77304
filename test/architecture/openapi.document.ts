/** Walks an OpenAPI document, so that each rule about the whole document is one line. */
import type { Json } from '../support/http/admin-client.js';

export interface Operation {
  /** `GET /api/users` */
  name: string;
  method: string;
  path: string;
  body: Json;
}

export const operationsOf = (document: Json): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, body]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return { name, method, path, body };
    }),
  );

export interface Field {
  /** `UserView.email`, or `GET /api/users 200.data` for a schema without a name. */
  name: string;
  schema: Json;
}

/** Returns every property of every schema, including nested and unnamed ones. */
export function fieldsOf(document: Json): Field[] {
  const named = Object.entries<Json>(document.components.schemas).flatMap(([name, schema]) =>
    propertiesOf(name, schema),
  );
  const unnamed = operationsOf(document).flatMap(({ name, body }) => [
    ...contentsOf(body.requestBody).flatMap((schema) => propertiesOf(`${name} body`, schema)),
    ...Object.entries<Json>(body.responses).flatMap(([status, response]) =>
      contentsOf(response).flatMap((schema) => propertiesOf(`${name} ${status}`, schema)),
    ),
  ]);
  return [...named, ...unnamed];
}

/** Returns the names of the schemas of responses, directly or nested. */
export function responseSchemas(document: Json): Set<string> {
  const found = new Set<string>();
  const follow = (value: Json): void => {
    for (const [, name] of JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(name!)) continue;
      found.add(name!);
      follow(document.components.schemas[name!]);
    }
  };
  for (const { body } of operationsOf(document)) follow(body.responses);
  return found;
}

const contentsOf = (holder: Json): Json[] =>
  Object.values<Json>(holder?.content ?? {}).flatMap((content) => (content.schema ? [content.schema] : []));

function propertiesOf(name: string, schema: Json): Field[] {
  const own = Object.entries<Json>(schema.properties ?? {}).map(([key, value]) => ({
    name: `${name}.${key}`,
    schema: value,
  }));
  return own.flatMap((field) => [
    field,
    ...propertiesOf(field.name, field.schema),
    ...(field.schema.items ? propertiesOf(field.name, field.schema.items) : []),
  ]);
}
