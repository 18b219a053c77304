/**
 * Reads what a client claims of itself, in `X-Archestra-*` headers, its own headers or its body: labels for the record,
 * never proof.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { RequiredLabel } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import type { Attribution } from '../../usage/recording/interaction-record.js';
import { maskCredentials } from '../../platform/logging/mask-credentials.js';
import { recognizeClient, type ClientName } from './recognized-client.js';

const MAX_LABEL_CHARS = 255;

/**
 * Headers in which known programs send their session id, best first. Other programs may use such names for something
 * else.
 */
const SESSION_HEADERS: Partial<Record<ClientName, readonly string[]>> = {
  'claude-code': ['x-claude-code-session-id'],
  codex: ['session-id', 'session_id', 'thread-id'],
  opencode: ['x-session-id', 'x-session-affinity', 'x-opencode-session'],
  'kilo-code': ['x-session-id', 'x-kilocode-taskid'],
  'qwen-code': ['x-session-id'],
  'open-webui': ['x-openwebui-chat-id'],
};

/**
 * Reads the labels of a call. `X-Archestra-Meta: agent/run/session` fills what no single header states. The session is
 * read from `X-Archestra-*` headers, then from those of known programs, then from `bodySession`, which the request's
 * body names.
 */
export function readAttribution(headers: IncomingHttpHeaders, bodySession: string | null = null): Attribution {
  const meta = headers['x-archestra-meta'];
  const [agent, run, session] = typeof meta === 'string' ? meta.split('/') : [];
  const client = recognizeClient(headers);
  return {
    agentId:
      readLabel(headers['x-archestra-agent-id']) ?? readLabel(agent) ?? readLabel(headers['x-claude-code-agent-id']),
    claimedUserId: readLabel(headers['x-archestra-user-id']),
    sessionId:
      readLabel(headers['x-archestra-session-id']) ??
      readLabel(session) ??
      findClientSession(client.name, headers) ??
      readLabel(headers['x-archestra-execution-id']) ??
      readLabel(bodySession ?? undefined),
    runId: readLabel(headers['x-archestra-run-id']) ?? readLabel(run),
    clientName: client.name,
    clientVersion: client.version,
  };
}

function findClientSession(client: ClientName | null, headers: IncomingHttpHeaders): string | null {
  for (const name of (client && SESSION_HEADERS[client]) ?? []) {
    const found = readLabel(headers[name]);
    if (found !== null) return found;
  }
  return null;
}

/** Returns the same labels under the names that policies use. */
export function readPolicyLabels(headers: IncomingHttpHeaders): Readonly<Record<RequiredLabel, string | null>> {
  const { agentId, claimedUserId, sessionId, runId } = readAttribution(headers);
  return { agent: agentId, user: claimedUserId, session: sessionId, run: runId };
}

function readLabel(value: string | string[] | undefined): string | null {
  if (typeof value !== 'string') return null;
  return maskCredentials(value.trim().slice(0, MAX_LABEL_CHARS)) || null;
}
