/** Errors on SCIM paths, in the format of RFC 7644 §3.12. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { SCIM_JSON } from './scim-surface.js';
import { ERROR_SCHEMA } from './schema-names.js';

/** RFC 7644, table 9. */
export type ScimType =
  'invalidFilter' | 'uniqueness' | 'mutability' | 'invalidSyntax' | 'invalidPath' | 'noTarget' | 'invalidValue';

/** An error for which SCIM defines its own `scimType`. Status 400. */
export class ScimError extends GatewayError {
  constructor(
    readonly scimType: ScimType,
    detail: string,
  ) {
    super('validation_failed', detail, { reason: scimType });
  }
}

/** Sends the response to any request on a SCIM path that failed. */
export function sendScimError(error: GatewayError, request: FastifyRequest, reply: FastifyReply): void {
  const scimType = findScimType(error);
  void reply
    .status(error.status)
    .headers({ ...error.headers, 'content-type': SCIM_JSON, 'cache-control': 'no-store', 'x-request-id': request.id })
    .headers(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) })
    .send(
      JSON.stringify({
        schemas: [ERROR_SCHEMA],
        status: String(error.status),
        ...(scimType ? { scimType } : {}),
        detail: error.detail,
      }),
    );
}

function findScimType(error: GatewayError): ScimType | null {
  if (error instanceof ScimError) return error.scimType;
  if (error.code === 'invalid_body' || error.code === 'bad_request') return 'invalidSyntax';
  if (error.code === 'validation_failed') return 'invalidValue';
  // A conflict that names a field concerns a value that is taken. Other conflicts concern the current state.
  return error.code === 'conflict' && error.fields ? 'uniqueness' : null;
}
