import { GatewayError } from '../../platform/errors/gateway-error.js';
import { isUuid, type TeamId } from '../../platform/ids.js';
import type { LlmCall } from '../call/llm-call.js';

/**
 * Returns the caller with the team whose keys the call names in `X-Archestra-Team-Id`; only members can name one.
 * Throws `team_not_allowed`.
 */
export function applyChosenTeam({ caller, request }: Pick<LlmCall, 'caller' | 'request'>): LlmCall['caller'] {
  const team = request.raw.headers['x-archestra-team-id'];
  if (caller.keySource.kind !== 'member' || typeof team !== 'string') return caller;
  if (!isUuid(team))
    throw new GatewayError('team_not_allowed', 'X-Archestra-Team-Id must be the id of a team that you are in.');
  return { ...caller, keySource: { ...caller.keySource, teamId: team.toLowerCase() as TeamId } };
}
