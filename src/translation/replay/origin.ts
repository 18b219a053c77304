import type { ProviderAdapter, ReplayReading } from '../../providers/contract/provider-adapter.js';
import { findBedrockModel } from '../provider-formats/bedrock/models.js';

/**
 * Origin of Claude's replay data. Its signatures are compatible across Anthropic's API and Vertex AI
 * (platform.claude.com/docs/en/build-with-claude/extended-thinking).
 */
export const CLAUDE_ORIGIN = 'anthropic';

/** Vendor of a call, and the replay data that it can read besides its own. */
export interface ReplayReader extends ReplayReading {
  origin: string;
}

type Adapter = Pick<ProviderAdapter, 'id' | 'dialect' | 'replay'>;

/**
 * Returns the origin of this model's replay data: the vendors that share an origin can read each other's. AI Studio and
 * Vertex AI refuse each other's thought signatures; families of models on Bedrock refuse each other's reasoning.
 */
export function getReplayOrigin({ id, dialect, replay }: Adapter, model: string): string {
  if (dialect === 'anthropic' || replay?.isClaude?.(model)) return CLAUDE_ORIGIN;
  return dialect === 'bedrock' ? `${id}-${findBedrockModel(model).family}` : id;
}

export function createReplayReader(adapter: Adapter, model: string): ReplayReader {
  const origin = getReplayOrigin(adapter, model);
  return origin === CLAUDE_ORIGIN ? { origin } : { ...adapter.replay, origin };
}
