/** Parameters that xAI's models accept, derived from the model name (docs.x.ai/docs/guides/reasoning, /docs/models). */
import type { Effort } from './efforts.js';

export interface XaiModel {
  /** The values of `reasoning_effort`, from the least effort to the most; empty: the model refuses the parameter. */
  efforts: readonly Effort[];
  /** Members of a Chat request that the model refuses. */
  refuses: readonly string[];
}

const VERSION = /grok-(\d+)(?:[.-](\d+))?/;

export function findXaiModel(id: string): XaiModel {
  const [, major, minor] = VERSION.exec(id) ?? [];
  // A model without a number (`grok-code-fast-1`, `grok-latest`) is later than grok-3.
  const generation = major === undefined ? 4 : Number(major);
  if (generation < 3) return { efforts: [], refuses: [] };
  const penalties = ['presence_penalty', 'frequency_penalty', 'logit_bias'];
  const reasons = !id.includes('non-reasoning') && (generation > 3 || id.includes('mini'));
  return {
    efforts: reasons ? listEfforts(id, generation, minor) : [],
    refuses: reasons ? [...penalties, 'stop'] : penalties,
  };
}

function listEfforts(id: string, generation: number, minor: string | undefined): readonly Effort[] {
  if (id.includes('grok-3-mini')) return ['low', 'high'];
  if (id.includes('multi-agent')) return ['low', 'medium', 'high', 'xhigh'];
  // 4.20 is earlier than 4.3, and dates follow the version of earlier models (`grok-4-0709`).
  const isLater = generation > 4 || id.includes('latest') || (generation === 4 && /^[3-9]$/.test(minor ?? ''));
  if (!isLater || id.includes('code')) return [];
  return minor === '3' ? ['none', 'low', 'medium', 'high'] : ['low', 'medium', 'high'];
}
