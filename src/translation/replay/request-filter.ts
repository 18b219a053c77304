/**
 * Keeps of the replay data in a conversation only what the vendor of the call can read: data that it produced itself,
 * unchanged. Data without a mark comes from clients that wrote it themselves, or from vendors whose responses pass
 * through as bytes; its format shows who can read it.
 */
import { ORIGIN_MEMBER, readMarkedId } from '../../providers/replay/marks.js';
import type { AssistantMessage, ChatRequest, ReasoningDetail, ToolCall } from '../pivot/chat.js';
import { CLAUDE_FORMAT } from '../provider-formats/anthropic/reasoning-replay.js';
import { canReadFormat } from './known-formats.js';
import type { ReplayReader } from './origin.js';

/**
 * Changes the request itself. Adds the names of members that are left out to `dropped`.
 * @param unmarkedOrigin origin of details without a mark, where the client's format implies it: in Messages,
 * Anthropic's
 */
export function keepReadableReplay(
  chat: ChatRequest,
  reader: ReplayReader,
  dropped: Set<string>,
  unmarkedOrigin: string | null = null,
): void {
  for (const message of chat.messages)
    if (message.role === 'assistant') keepReadable(message, { ...reader, unmarkedOrigin }, dropped);
}

interface Reader extends ReplayReader {
  unmarkedOrigin: string | null;
}

function keepReadable(message: AssistantMessage, reader: Reader, dropped: Set<string>): void {
  const { origin } = reader;
  const { reasoning_details: details, reasoning_from: from } = message;
  delete message.reasoning_from;
  let isForeign = from !== undefined && from !== origin;
  if (Array.isArray(details) && details.length > 0) {
    const readable = details.flatMap((detail) => toReadableDetail(detail, reader) ?? []);
    if (readable.length < details.length) dropped.add('messages[].reasoning_details');
    if (readable.length > 0) message.reasoning_details = readable;
    else delete message.reasoning_details;
    // the text belongs to the details
    isForeign ||= readable.length === 0;
  }
  if (isForeign && message.reasoning_content) {
    delete message.reasoning_content;
    dropped.add('messages[].reasoning_content');
  }
  for (const call of message.tool_calls ?? []) keepReadableExtra(call, reader, dropped);
}

function toReadableDetail(detail: ReasoningDetail, reader: Reader): ReasoningDetail | null {
  const { origin, unmarkedOrigin } = reader;
  const marked = readMarkedId(detail.id);
  if (!marked && unmarkedOrigin !== null && detail.format === CLAUDE_FORMAT)
    return unmarkedOrigin === origin ? detail : null;
  if (!marked) return canReadFormat(reader, detail.format, detail.id) ? detail : null;
  if (marked.origin !== origin) return null;
  const { id: _marked, ...own } = detail;
  return marked.id === undefined ? own : { ...own, id: marked.id };
}

/**
 * Keeps the vendor's own data. Thought signatures without a mark are Google's, and do not show which of its two APIs
 * made them.
 */
function keepReadableExtra(call: ToolCall, { origin, thoughtSignatures }: Reader, dropped: Set<string>): void {
  const extra = call.extra_content;
  if (!extra) return;
  const { [ORIGIN_MEMBER]: mark, ...own } = extra;
  const from = readMarkedId(mark)?.origin;
  const isOwn = from === undefined ? thoughtSignatures === true : from === origin;
  if (isOwn) call.extra_content = own;
  else {
    delete call.extra_content;
    dropped.add('messages[].tool_calls[].extra_content');
  }
}
