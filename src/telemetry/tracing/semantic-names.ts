/** Names of OpenTelemetry's semantic conventions for generative AI that differ from the gateway's. */
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';

/** `gen_ai.provider.name`. Providers without an entry keep their own id. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  gemini: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  bedrock: 'aws.bedrock',
  azure: 'azure.ai.openai',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};

export const toSemanticProvider = (id: string): string => PROVIDER_NAMES[id] ?? id;

/**
 * Returns `error.type`: the gateway's code, else the provider's status, else how the call ended; null for a successful
 * call. Has few distinct values, so it may be a label.
 */
export function getErrorType(record: InteractionRecord): string | null {
  if (record.outcome === 'success') return null;
  return record.errorCode ?? (record.outcome === 'upstream_error' ? String(record.status) : record.outcome);
}
