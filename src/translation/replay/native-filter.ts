/**
 * Removes from a request in the vendor's own format reasoning that only another vendor can read: the conversation may
 * have begun there. `replay/removal.ts` removes data that the gateway has marked; here the format has to show whose it
 * is.
 */
import { JsonEdits, type JsonObjectEditor } from '../../providers/json/edits.js';
import type { ProviderAdapter, ReplayReading } from '../../providers/contract/provider-adapter.js';
import type { CleanedBody } from '../../providers/replay/removal.js';
import { canReadFormat } from './known-formats.js';
import type { ReplayReader } from './origin.js';

const NONE: readonly string[] = [];
const DETAILS = Buffer.from('"reasoning_details"');
const EXTRA = Buffer.from('"extra_content"');
const ENCRYPTED = Buffer.from('"encrypted_content"');

/**
 * A Fernet token (github.com/fernet/spec) of any time between 1970 and 2106: version 0x80, and a time below 2^32
 * seconds.
 */
const OPENAI_FORMATS = /^gAAAA[A-Za-z0-9_-]+=*$/;

/**
 * Returns the body without foreign reasoning; the same buffer if there was none.
 * @param body must be well-formed
 */
export function removeUnreadableReasoning(
  kind: 'chat' | 'responses',
  body: Buffer,
  adapter: ProviderAdapter,
): CleanedBody {
  const mayHoldReasoning = kind === 'chat' ? body.includes(DETAILS) || body.includes(EXTRA) : body.includes(ENCRYPTED);
  // A server of the organization, which may serve any model.
  if (!mayHoldReasoning || adapter.keyOptional) return { body, dropped: NONE };
  const edits = new JsonEdits(body);
  const dropped = new Set<string>();
  if (kind === 'chat')
    cleanMessages(edits.editObject().getObjects('messages'), { ...adapter.replay, origin: adapter.id }, dropped);
  else cleanItems(edits.editObject().getObjects('input'), adapter.replay ?? {}, dropped);
  return { body: edits.apply(), dropped: [...dropped] };
}

function cleanMessages(messages: readonly JsonObjectEditor[], reader: ReplayReader, dropped: Set<string>): void {
  for (const message of messages) {
    if (message.get('role') !== 'assistant') continue;
    cleanDetails(message, reader, dropped);
    for (const call of message.getObjects('tool_calls')) {
      if (!call.has('extra_content')) continue;
      call.delete('extra_content');
      dropped.add('messages[].tool_calls[].extra_content');
    }
  }
}

function cleanDetails(message: JsonObjectEditor, reader: ReplayReader, dropped: Set<string>): void {
  if (!message.has('reasoning_details')) return;
  const details = message.getObjects('reasoning_details');
  const foreign = details.filter((detail) => !canReadFormat(reader, detail.get('format'), detail.get('id')));
  if (foreign.length === 0 && details.length > 0) return;
  if (foreign.length < details.length) for (const detail of foreign) detail.remove();
  else message.delete('reasoning_details');
  if (foreign.length > 0) dropped.add('messages[].reasoning_details');
}

/**
 * Removes whole items: a vendor refuses an item that it cannot decrypt, even if it has other content, and the item
 * means nothing without its encrypted content.
 */
function cleanItems(
  items: readonly JsonObjectEditor[],
  { encryptedReasoning }: ReplayReading,
  dropped: Set<string>,
): void {
  if (encryptedReasoning === 'any') return;
  for (const item of items) {
    const content = item.get('encrypted_content');
    if (typeof content !== 'string' || OPENAI_FORMATS.test(content) === (encryptedReasoning === 'openai')) continue;
    item.remove();
    dropped.add(`input.${String(item.get('type'))}`);
  }
}
