/** Derives schemas from the names of fields, which contain their units (`…Seconds`). */
import type { OpenAPIObject } from '@nestjs/swagger';

type Schema = Exclude<NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string], { $ref: string }>;

/** Counts and seconds are integers; money and milliseconds are not. */
const WHOLE =
  /(?:Tokens|Seconds|Bytes|Requests)$|^(?:status|limit|offset|length|total|totalPages|currentPage|weight|priority|requests|errors|maxAttempts)$/;

/** Ids of stored entities. Ids of clients or identity providers (`sessionId`, `oauthClientId`) may be any text. */
const ID =
  /^(?:id|(?:owner|user|team|proxy|allowed(?:Llm)?Proxy|identityProvider|virtualKey|providerKey|providerApiKey|request)Ids?)$/;

/** Identifying fields come first, timestamps last. */
const FIRST = ['id', 'name'];
const LAST = ['createdAt', 'updatedAt', 'lastUsedAt', 'value'];

export function describeFields(document: OpenAPIObject): void {
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    if (!('properties' in schema) || !schema.properties) continue;
    schema.properties = sortFields(schema.properties);
    if (schema.required)
      schema.required = Object.keys(schema.properties).filter((name) => schema.required!.includes(name));
    for (const [name, field] of Object.entries(schema.properties)) refine(name, field as Schema);
  }
  for (const path of Object.values(document.paths)) {
    for (const { parameters = [] } of [path.get, path.put, path.post, path.patch, path.delete].filter((o) => !!o)) {
      for (const parameter of parameters) if ('schema' in parameter) refine(parameter.name, parameter.schema as Schema);
    }
  }
}

function refine(name: string, field: Schema): void {
  if (field.type === 'number' && WHOLE.test(name)) field.type = 'integer';
  const text = field.type === 'array' ? (field.items as Schema) : field;
  if (text.type === 'string' && ID.test(name)) text.format ??= 'uuid';
}

function sortFields<T>(fields: Record<string, T>): Record<string, T> {
  const getRank = (name: string): number =>
    FIRST.includes(name) ? FIRST.indexOf(name) - FIRST.length : LAST.indexOf(name) + 1;
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => getRank(a) - getRank(b)));
}
