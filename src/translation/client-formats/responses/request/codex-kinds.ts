/** Finds tools and items of the Responses API that Codex sends and that few of the servers with that API accept. */
import { JsonEdits, type JsonObjectEditor } from '../../../../providers/json/edits.js';

/** `ToolSpec` in github.com/openai/codex. */
const TOOLS: ReadonlySet<unknown> = new Set(['custom', 'namespace', 'tool_search', 'local_shell', 'image_generation']);

/** `ResponseItem` in github.com/openai/codex. */
const ITEMS: ReadonlySet<unknown> = new Set([
  'custom_tool_call',
  'custom_tool_call_output',
  'tool_search_call',
  'tool_search_output',
  'local_shell_call',
  'local_shell_call_output',
  'image_generation_call',
  'additional_tools',
  'compaction',
  'compaction_summary',
  'context_compaction',
  'ghost_snapshot',
]);

/** @param body a Responses request, which must be well-formed */
export function hasCodexKinds(body: Buffer): boolean {
  const request = new JsonEdits(body).editObject();
  return (
    request.getObjects('tools').some((tool) => TOOLS.has(tool.get('type'))) ||
    request.getObjects('input').some((item) => ITEMS.has(item.get('type')) || item.has('namespace'))
  );
}

/** Removes namespaces without tools, which OpenAI refuses. */
export function dropEmptyNamespaces(request: JsonObjectEditor, dropped: Set<string>): void {
  for (const tool of request.getObjects('tools')) {
    if (tool.get('type') !== 'namespace' || tool.getObjects('tools').length > 0) continue;
    tool.remove();
    dropped.add('tools.namespace');
  }
}
