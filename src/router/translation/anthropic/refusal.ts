import { GatewayError } from '../../../platform/errors/gateway-error.js';

/** What is wrong whoever is asked. `path` names the member of the Chat request. */
export function invalid(path: string, advice: string): GatewayError {
  return new GatewayError('invalid_body', `\`${path}\` ${advice}`);
}

/** What Claude cannot do, where leaving it out would change what the caller gets. */
export function unsupported(path: string, advice: string): GatewayError {
  return new GatewayError('unsupported_parameter', `\`${path}\` ${advice}`);
}
