import type { SystemMessage, TextPart } from '../../../pivot/chat.js';
import { readString, createUnsupportedError } from '../../../pivot/body-shape.js';
import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { readBlocks, type DroppedMembers, simplifyContent } from './members.js';

const TEXT_MEMBERS: ReadonlySet<string> = new Set(['type', 'text', 'cache_control']);

/**
 * Start of Claude Code's first block, which identifies the caller to Anthropic. It is not an instruction, and as it
 * differs from call to call, it would prevent cache hits at every vendor.
 */
const ATTRIBUTION = 'x-anthropic-billing-header:';

/** Returns `system`, or the content of a `system` message among the turns. Null when it is empty. */
export function toSystemMessage(content: unknown, path: string, dropped: DroppedMembers): SystemMessage | null {
  if (content === undefined || content === null) return null;
  const parts: TextPart[] = [];
  for (const { block, path: at } of readBlocks(content, path)) {
    if (block['type'] !== 'text') throw createUnsupportedError(at, 'Send instructions as text blocks.');
    const text = readString(block['text'], `${at}.text`);
    dropped.addOthers(block, TEXT_MEMBERS, 'system[].');
    if (text.startsWith(ATTRIBUTION)) dropped.add('system[].attribution');
    else if (text !== '') parts.push(copyCacheMark(block, { type: 'text', text }));
  }
  if (parts.length === 0) return null;
  return { role: 'system', content: simplifyContent(parts) };
}
