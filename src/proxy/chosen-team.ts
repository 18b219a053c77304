import { GatewayError } from '../platform/errors/gateway-error.js';
import { isUuid, type TeamId } from '../platform/ids.js';
import type { Exchange } from './exchange.js';

/** A member's call may name the team whose keys it wants (`X-Archestra-Team-Id`). Throws `team_not_allowed`. */
export function withChosenTeam({ caller, request }: Pick<Exchange, 'caller' | 'request'>): Exchange['caller'] {
  const team = request.raw.headers['x-archestra-team-id'];
  if (caller.keySource.kind !== 'member' || typeof team !== 'string') return caller;
  if (!isUuid(team))
    throw new GatewayError('team_not_allowed', 'X-Archestra-Team-Id must be the id of a team that you are in.');
  return { ...caller, keySource: { ...caller.keySource, teamId: team.toLowerCase() as TeamId } };
}
