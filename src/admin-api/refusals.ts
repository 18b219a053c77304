/** Errors of the admin API. */
import { GatewayError } from '../platform/errors/gateway-error.js';

/** Also used for entities of another organization, to hide their existence. */
export const notFound = (what: string, id: string): GatewayError =>
  new GatewayError('not_found', `Your organization has no ${what} ${id}.`);

export const denied = (detail: string): GatewayError => new GatewayError('permission_denied', detail);

/** `pointer` names the field of the body that causes the conflict, if one does. */
export const conflict = (detail: string, pointer?: string): GatewayError =>
  new GatewayError('conflict', detail, pointer === undefined ? {} : { fields: [{ pointer, detail }] });

/** For a body that names, at each of `pointers`, something that the organization does not have. */
export const unknownReference = (what: string, pointers: readonly string[]): GatewayError => {
  const detail = `Your organization has no such ${what}.`;
  return new GatewayError('validation_failed', `${pointers.join(', ')}: ${detail}`, {
    fields: pointers.map((pointer) => ({ pointer, detail })),
  });
};
