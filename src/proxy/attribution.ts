/** What a client says of itself in `X-Archestra-*` headers: labels for the record, never proof of anything. */
import type { IncomingHttpHeaders } from 'node:http';
import type { RequiredLabel } from '../orgs/llm-proxy-policy.js';
import type { Attribution } from '../usage/interaction-record.js';

const MOST_CHARS = 255;

/** `X-Archestra-Meta: agent/run/session` fills what no single header says. */
export function readAttribution(headers: IncomingHttpHeaders): Attribution {
  const meta = headers['x-archestra-meta'];
  const [agent, run, session] = typeof meta === 'string' ? meta.split('/') : [];
  return {
    agentId: label(headers['x-archestra-agent-id']) ?? label(agent),
    claimedUserId: label(headers['x-archestra-user-id']),
    sessionId: label(headers['x-archestra-session-id']) ?? label(session),
    runId: label(headers['x-archestra-run-id']) ?? label(run),
  };
}

/** The same under the names that policies call them by. */
export function policyLabels(headers: IncomingHttpHeaders): Readonly<Record<RequiredLabel, string | null>> {
  const { agentId, claimedUserId, sessionId, runId } = readAttribution(headers);
  return { agent: agentId, user: claimedUserId, session: sessionId, run: runId };
}

function label(value: string | string[] | undefined): string | null {
  if (typeof value !== 'string') return null;
  return value.trim().slice(0, MOST_CHARS) || null;
}
