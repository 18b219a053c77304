/**
 * Passes Messages unchanged to Claude on Vertex AI, with the model in the path and the version in the body
 * (platform.claude.com/docs/en/api/claude-on-vertex-ai).
 */
import { JsonEdits, type JsonObjectEditor } from '../../providers/json/edits.js';
import { isClaudeOnVertex } from '../../providers/adapters/vertex.provider.js';
import { buildModelPath } from './gemini/request/from-chat-request.js';
import type { NativeMessages } from '../pivot/translator.js';

export const CLAUDE_VERSION = 'vertex-2023-10-16';

/** Values of `anthropic-beta` that Vertex AI accepts, and its names for them. It responds with 400 to all others. */
const BETAS: Readonly<Record<string, string>> = {
  'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19',
  'compact-2026-01-12': 'compact-2026-01-12',
  'computer-use-2025-01-24': 'computer-use-2025-01-24',
  'computer-use-2025-11-24': 'computer-use-2025-11-24',
  'context-1m-2025-08-07': 'context-1m-2025-08-07',
  'context-management-2025-06-27': 'context-management-2025-06-27',
  'interleaved-thinking-2025-05-14': 'interleaved-thinking-2025-05-14',
  'thinking-binding-controls-2026-08-01': 'thinking-binding-controls-2026-08-01',
  'tool-search-tool-2025-10-19': 'tool-search-tool-2025-10-19',
  'web-search-2025-03-05': 'web-search-2025-03-05',
};

/** Returns null for models of other vendors, and for files given by address, which Vertex AI does not fetch. */
export function toVertexMessages(model: string, body: Buffer): NativeMessages | null {
  if (!isClaudeOnVertex(model)) return null;
  const request = new JsonEdits(body).editObject();
  if (request.getObjects('messages').some(hasAddress)) return null;
  return {
    path: buildClaudePath(model, request.get('stream') === true),
    members: { anthropic_version: CLAUDE_VERSION },
    findBeta: (name) => (Object.hasOwn(BETAS, name) ? BETAS[name]! : null),
  };
}

function hasAddress(holder: JsonObjectEditor): boolean {
  return holder
    .getObjects('content')
    .some((block) => block.getObject('source')?.get('type') === 'url' || hasAddress(block));
}

export const buildClaudePath = (model: string, streaming: boolean): string =>
  `publishers/anthropic/${buildModelPath(model)}:${streaming ? 'streamRawPredict' : 'rawPredict'}`;
