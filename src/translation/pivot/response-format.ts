/** Checks the response format that a request asks for, the same for every vendor and client. */
import type { EditableObject } from '../../providers/json/editable-object.js';
import { isWithoutEffect } from './unknown-members.js';
import { createInvalidBodyError, isObject } from './body-shape.js';

/** Name of a schema that came without one. */
const SCHEMA_NAME = 'answer';

/**
 * Checks `response_format` of a Chat request. Moves a schema beside `{"type":"json_schema"}`, where some servers have
 * it, to where OpenAI has it.
 * @throws GatewayError `invalid_body` for a `json_schema` without a schema
 */
export function checkResponseFormat(request: EditableObject): void {
  const format = request.getObject('response_format');
  if (format?.get('type') !== 'json_schema') return;
  if (isWithoutEffect(format.get('json_schema')) && format.getObject('schema')) {
    format.rename('schema', 'json_schema');
    format.wrap('json_schema', { name: SCHEMA_NAME }, 'schema');
    return;
  }
  const holder = format.getObject('json_schema');
  if (!holder) throw createInvalidBodyError('response_format.json_schema', 'an object with a name and a schema');
  requireSchema(holder, 'response_format.json_schema');
}

/**
 * Checks `text.format` of a Responses request.
 * @throws GatewayError `invalid_body` for a `json_schema` without a schema
 */
export function checkTextFormat(request: EditableObject): void {
  const format = request.getObject('text')?.getObject('format');
  if (format?.get('type') === 'json_schema') requireSchema(format, 'text.format');
}

/**
 * Checks the format of a Messages request, in both of its forms.
 * @throws GatewayError `invalid_body` for a `json_schema` without a schema
 */
export function checkOutputFormat(request: EditableObject): void {
  const format = request.getObject('output_config')?.getObject('format');
  if (format?.get('type') === 'json_schema') requireSchema(format, 'output_config.format');
  const older = request.getObject('output_format');
  if (older?.get('type') === 'json_schema') requireSchema(older, 'output_format');
}

/** Turns the schema beside `{"type":"json_object"}` into a `json_schema`, which every translator supports. */
export function promoteSchema(request: EditableObject): void {
  const format = request.getObject('response_format');
  if (format?.get('type') !== 'json_object' || !format.getObject('schema')) return;
  format.set('type', 'json_schema');
  format.rename('schema', 'json_schema');
  format.wrap('json_schema', { name: SCHEMA_NAME }, 'schema');
}

function requireSchema(holder: EditableObject, path: string): void {
  if (!isObject(holder.get('schema'))) throw createInvalidBodyError(`${path}.schema`, 'a JSON Schema, as an object');
}
