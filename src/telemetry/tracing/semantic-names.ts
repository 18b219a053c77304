/** Names of OpenTelemetry's semantic conventions for generative AI that differ from the gateway's. */
import { findProvider } from '../../providers/registry.js';
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';

/** Returns `gen_ai.provider.name`. */
export const toSemanticProvider = (id: string): string => findProvider(id)?.semanticName ?? id;

/**
 * Returns `error.type`: the gateway's code, else the provider's status, else how the call ended; null for a successful
 * call. Has few distinct values, so it may be a label.
 */
export function getErrorType(record: InteractionRecord): string | null {
  if (record.outcome === 'success') return null;
  return record.errorCode ?? (record.outcome === 'upstream_error' ? String(record.status) : record.outcome);
}
