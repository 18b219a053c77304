import type { ProviderAdapter } from '../../../providers/provider-adapter.js';
import { bedrockModel } from '../bedrock/bedrock-models.js';

/** Claude's signatures are compatible across Anthropic's API and Vertex AI (platform.claude.com/docs/en/build-with-claude/extended-thinking). */
export const CLAUDE_ORIGIN = 'anthropic';

/**
 * Who can read the replay data of this model, and whose it can read. AI Studio and Vertex AI refuse each other's thought
 * signatures; families of models on Bedrock refuse each other's reasoning.
 */
export function replayOrigin({ id, dialect }: Pick<ProviderAdapter, 'id' | 'dialect'>, model: string): string {
  if (dialect === 'anthropic' || (id === 'vertex' && isClaudeOnVertex(model))) return CLAUDE_ORIGIN;
  return dialect === 'bedrock' ? `${id}-${bedrockModel(model).family}` : id;
}

export const isClaudeOnVertex = (model: string): boolean => model.startsWith('claude-');
