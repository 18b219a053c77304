/** Builds the record of a call as the relay hands it over, with `changes`. */
import { createId, type InteractionId } from '../../../src/platform/ids.js';
import { EMPTY_RECORD, type InteractionRecord } from '../../../src/usage/recording/interaction-record.js';

export function callRecord(changes: Partial<InteractionRecord> = {}): InteractionRecord {
  const createdAt = changes.createdAt ?? Date.now();
  const id = createId<InteractionId>(createdAt);
  return {
    ...EMPTY_RECORD,
    id,
    createdAt,
    requestId: id,
    surface: 'provider-route',
    provider: 'openai',
    operation: 'chat',
    method: 'POST',
    path: 'chat/completions',
    durationMs: 1,
    status: 200,
    outcome: 'success',
    clientAddress: '127.0.0.1',
    ...changes,
  };
}
