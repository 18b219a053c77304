/** Builds the record of a call as the relay hands it over, with `changes`. */
import { createId, type InteractionId } from '../../../src/platform/ids.js';
import type { InteractionRecord } from '../../../src/usage/recording/interaction-record.js';

export function callRecord(changes: Partial<InteractionRecord> = {}): InteractionRecord {
  const createdAt = changes.createdAt ?? Date.now();
  const id = createId<InteractionId>(createdAt);
  return {
    id,
    organizationId: null,
    createdAt,
    requestId: id,
    attempts: null,
    guardrails: null,
    teamIds: [],
    surface: 'provider-route',
    authMethod: null,
    caller: null,
    providerKeyId: null,
    proxyId: null,
    provider: 'openai',
    operation: 'chat',
    method: 'POST',
    path: 'chat/completions',
    requestedModel: null,
    servedModel: null,
    responseId: null,
    finishReasons: [],
    usage: null,
    estimated: false,
    costMicroUsd: null,
    priceVersion: null,
    billing: 'metered',
    durationMs: 1,
    firstByteMs: null,
    streaming: false,
    status: 200,
    outcome: 'success',
    errorCode: null,
    errorReason: null,
    agentId: null,
    claimedUserId: null,
    sessionId: null,
    runId: null,
    clientName: null,
    clientVersion: null,
    clientAddress: '127.0.0.1',
    ...changes,
  };
}
