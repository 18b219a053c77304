/** Errors of the admin API. */
import { GatewayError, type FieldError } from '../platform/errors/gateway-error.js';

/** Also used for entities of another organization, to hide their existence. */
export const notFound = (noun: string, id: string): GatewayError =>
  new GatewayError('not_found', `Your organization has no ${noun} ${id}.`);

export const denied = (detail: string): GatewayError => new GatewayError('permission_denied', detail);

/** `pointer` names the field of the body that causes the conflict, if one does. */
export const conflict = (detail: string, pointer?: string): GatewayError =>
  new GatewayError('conflict', detail, pointer === undefined ? {} : { fields: [{ pointer, detail }] });

/**
 * `validation_failed`. Each detail is a sentence by itself; the details of several fields are listed with their
 * pointers.
 */
export const validationError = (...fields: readonly FieldError[]): GatewayError => {
  const detail = fields.length === 1 ? fields[0]!.detail : fields.map(describeField).join(' ');
  return new GatewayError('validation_failed', detail, { fields });
};

/** `validation_failed` with details that are parts of a sentence (`must be a string`). */
export const ruleViolation = (fields: readonly FieldError[]): GatewayError =>
  new GatewayError('validation_failed', `${fields.map(describeField).join('; ')}.`, { fields });

const describeField = ({ pointer, detail }: FieldError): string => `${pointer}: ${detail}`;

/** For a body that names, at each of `pointers`, something that the organization does not have. */
export const unknownReference = (noun: string, pointers: readonly string[]): GatewayError => {
  const detail = `Your organization has no such ${noun}.`;
  return new GatewayError('validation_failed', `${pointers.join(', ')}: ${detail}`, {
    fields: pointers.map((pointer) => ({ pointer, detail })),
  });
};
