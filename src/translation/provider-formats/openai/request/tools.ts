import type { OpenAiCompatibility } from '../../../../providers/contract/openai-compatibility.js';
import type { ChatTool } from '../../../pivot/chat.js';

/** Removes cache marks from tools if the server does not support them. */
export function simplifyTools(
  tools: readonly ChatTool[],
  { cacheControl }: OpenAiCompatibility,
  dropped: string[],
): readonly ChatTool[] {
  if (cacheControl || !tools.some((tool) => 'cache_control' in tool)) return tools;
  dropped.push('tools[].cache_control');
  return tools.map((tool) => {
    const plain: ChatTool & { cache_control?: unknown } = { ...tool };
    delete plain.cache_control;
    return plain;
  });
}
