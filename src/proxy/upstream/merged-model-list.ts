/** Merges the model lists of all servers of a provider key, for `GET models` on a provider route. */
import { applyServer, isListedBy } from '../../keys/credentials/upstream-server.js';
import type { UpstreamServer } from '../../keys/credentials/upstream-credential.js';
import type { BoundedResponse } from '../../platform/egress/bounded-fetch.js';
import type { Egress } from '../../platform/egress/egress.js';
import { toHeaderRecord } from '../../platform/egress/header-record.js';
import { GatewayError, toGatewayError } from '../../platform/errors/gateway-error.js';
import type { LlmCall } from '../call/llm-call.js';
import { EMPTY_BODY } from '../request/body.js';
import { buildOutboundRequest } from './request.js';

/** Per server, from the request to the last byte. */
const TIMEOUT_MS = 15_000;
const MAX_LIST_BYTES = 4 * 1024 * 1024;

type Document = Readonly<Record<string, unknown>>;

/** Whether the call lists the models of a key with several servers. */
export const isMergedList = ({ credential, operation }: LlmCall): boolean =>
  credential?.servers !== undefined && operation!.rule.operation === 'list_models' && operation!.pathModel === null;

/**
 * Returns the list in its provider's format (`data` for OpenAI's, `models` for Ollama's). Each model appears once,
 * listed by the server that its calls are sent to. Servers that cannot be reached are left out. Throws the failure of
 * the first server if none can be reached.
 */
export async function fetchMergedModelList(egress: Egress, call: LlmCall): Promise<string> {
  const servers = call.credential!.servers!;
  const results = await Promise.allSettled(servers.map((server) => fetchList(egress, call, server)));
  const lists = results.flatMap((result, i) =>
    result.status === 'fulfilled' ? [{ server: servers[i]!, document: result.value }] : [],
  );
  const [first] = lists;
  if (!first) throw toGatewayError((results[0] as PromiseRejectedResult).reason);
  const member = Array.isArray(first.document['data']) ? 'data' : 'models';
  const seen = new Set<string>();
  const merged = lists.flatMap(({ server, document }) =>
    listEntries(document, member).filter((entry) => {
      const model = readId(entry);
      if (model === null || seen.has(model) || !isListedBy(servers, server, call.adapter!, model)) return false;
      seen.add(model);
      return true;
    }),
  );
  return JSON.stringify({ ...first.document, [member]: merged });
}

async function fetchList(egress: Egress, call: LlmCall, server: UpstreamServer): Promise<Document> {
  const outbound = await buildOutboundRequest(call, EMPTY_BODY, 0, applyServer(call.credential!, server));
  const response = await egress.fetchBounded(outbound.origin + outbound.path, {
    headers: toHeaderRecord(outbound.headers),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_LIST_BYTES,
  });
  return readDocument(response);
}

function readDocument({ status, body }: BoundedResponse): Document {
  if (status !== 200) throw notListed(`the request for the list of models returned status ${status}`);
  const document: unknown = parseBody(body);
  if (document === null || typeof document !== 'object' || Array.isArray(document))
    throw notListed('the list of models is not a JSON object');
  return document as Document;
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

const listEntries = (document: Document, member: string): Document[] => {
  const entries: unknown = document[member];
  return Array.isArray(entries) ? (entries as unknown[]).filter(isDocument) : [];
};

const isDocument = (entry: unknown): entry is Document => entry !== null && typeof entry === 'object';

function readId(entry: Document): string | null {
  const id = entry['id'] ?? entry['model'] ?? entry['name'];
  return typeof id === 'string' ? id : null;
}

const notListed = (internal: string): GatewayError =>
  new GatewayError('upstream_unreachable', 'No server of this provider listed its models. Try again.', {
    reason: 'bad_response',
    internal,
  });
