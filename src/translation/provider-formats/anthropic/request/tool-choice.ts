import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';

export interface Choice {
  kind: 'auto' | 'any' | 'tool' | 'none';
  /** The tool that must be called. */
  name?: string;
  /** The tools that may be called; absent: all. */
  only?: ReadonlySet<string>;
  /** Whether the request contains a choice. */
  isExplicit: boolean;
}

/** Converts `tool_choice` (platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools). */
export function toToolChoice({ tool_choice: choice }: ChatRequest, tools: readonly JsonObject[]): Choice {
  if (choice === null || choice === undefined) return { kind: 'auto', isExplicit: false };
  if (choice === 'none' || choice === 'auto') return { kind: choice, isExplicit: true };
  if (tools.length === 0) throw createInvalidBodyError('tool_choice', '"none" or "auto" without tools');
  if (choice === 'required') return { kind: 'any', isExplicit: true };
  if (choice.type === 'function') {
    const { name } = choice.function;
    return { kind: 'tool', name: requireToolName(name, tools, 'tool_choice.function.name'), isExplicit: true };
  }
  if (choice.type !== 'allowed_tools')
    throw createUnsupportedError(
      'tool_choice.type',
      'Claude can only be restricted to functions: send function or allowed_tools.',
    );
  const { mode, tools: allowed } = choice.allowed_tools;
  const formatPath = (i: number): string => `tool_choice.allowed_tools.tools[${i}].function.name`;
  const only = new Set(allowed.map((tool, i) => requireToolName(tool.function?.name, tools, formatPath(i))));
  return { kind: mode === 'required' ? 'any' : 'auto', only, isExplicit: true };
}

function requireToolName(name: string | undefined, tools: readonly JsonObject[], path: string): string {
  if (tools.some((tool) => tool['name'] === name)) return name!;
  throw createInvalidBodyError(path, 'the name of one of the tools');
}
