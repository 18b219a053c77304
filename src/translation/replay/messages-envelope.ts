/**
 * Carries replay data of vendors other than Anthropic through a client that knows only Anthropic's blocks. The envelope
 * is the `signature` of a thinking block or the `data` of a redacted one, which clients return unchanged:
 * `gatehouse.1.` and base64url of a small JSON object. Data without this prefix is Anthropic's own. Details and extra
 * content are marked with their origin (see `replay/marks.ts`); a text has it in `from`.
 */
import { ENVELOPE_PREFIX as PREFIX, readMarkedId } from '../../providers/replay/marks.js';
import type { ReasoningDetail, ToolCall } from '../pivot/chat.js';
import { isObject } from '../pivot/body-shape.js';
import { CLAUDE_ORIGIN } from './origin.js';

/**
 * Format of Anthropic's own replay data, which the blocks hold without an envelope, so that it is valid wherever the
 * client sends it.
 */
export const ANTHROPIC_FORMAT = 'anthropic-claude-v1';

/**
 * `detail`: one of `reasoning_details`. That of a thinking block lacks the text, which the block shows. Reasoning that
 * the vendor does not sign has none. `text`: hidden reasoning without any detail. `call`: extra content of a tool call.
 */
export interface ReplayEnvelope {
  /** Origin. Absent: unknown, as in envelopes of earlier versions. */
  from?: string | undefined;
  detail?: Partial<ReasoningDetail> & { type: string; format: string };
  text?: string;
  call?: { id: string; extra_content: NonNullable<ToolCall['extra_content']> };
}

export function sealEnvelope(envelope: ReplayEnvelope): string {
  return PREFIX + Buffer.from(JSON.stringify(envelope)).toString('base64url');
}

export function isEnvelope(sealed: string): boolean {
  return sealed.startsWith(PREFIX);
}

/** Opens an envelope. Returns null for one that a client has damaged. */
export function openEnvelope(sealed: string): ReplayEnvelope | null {
  try {
    const envelope: unknown = JSON.parse(Buffer.from(sealed.slice(PREFIX.length), 'base64url').toString('utf8'));
    return isObject(envelope) && isValidEnvelope(envelope) ? envelope : null;
  } catch {
    return null;
  }
}

function isValidEnvelope({ from, detail, text, call }: { [name: string]: unknown }): boolean {
  if (from !== undefined && typeof from !== 'string') return false;
  if (
    detail !== undefined &&
    !(isObject(detail) && typeof detail['type'] === 'string' && typeof detail['format'] === 'string')
  )
    return false;
  if (call !== undefined && !(isObject(call) && typeof call['id'] === 'string' && isObject(call['extra_content'])))
    return false;
  return text === undefined || typeof text === 'string';
}

/** Returns the text that a detail shows, if it is of a kind that shows any. */
export function getText(detail: ReasoningDetail): string {
  if (detail.type === 'reasoning.text') return detail.text ?? '';
  return detail.type === 'reasoning.summary' ? (detail.summary ?? '') : '';
}

/** Returns the detail without the text that it shows. */
export function removeText(detail: ReasoningDetail): NonNullable<ReplayEnvelope['detail']> {
  const rest: { [name: string]: unknown } = { ...detail };
  delete rest['text'];
  delete rest['summary'];
  return rest as NonNullable<ReplayEnvelope['detail']>;
}

/** Returns the detail with the text that its thinking block has shown. */
export function addText(detail: NonNullable<ReplayEnvelope['detail']>, text: string): ReasoningDetail {
  if (detail.type === 'reasoning.text') return { ...detail, text };
  if (detail.type === 'reasoning.summary') return { ...detail, summary: text };
  return detail as ReasoningDetail;
}

/**
 * Returns the signature of the thinking block that shows this detail's text. `detail` is null for reasoning without a
 * signature.
 */
export function getSignature(detail: NonNullable<ReplayEnvelope['detail']> | null, origin?: string): string {
  if (detail === null) return sealEnvelope({ from: origin });
  const { signature } = detail as { signature?: unknown };
  if (isAnthropicDetail(detail) && detail.type === 'reasoning.text')
    return typeof signature === 'string' ? signature : '';
  return sealEnvelope({ detail });
}

/** Returns the data of the redacted block that represents this detail. */
export function getRedactedData(detail: ReasoningDetail): string {
  if (isAnthropicDetail(detail) && detail.type === 'reasoning.encrypted') return detail.data;
  return sealEnvelope({ detail });
}

/**
 * Whether Anthropic made the detail. Other vendors that serve Claude use its format too, but Anthropic may not accept
 * their signatures.
 */
function isAnthropicDetail({ format, id }: { format: string; id?: string }): boolean {
  return format === ANTHROPIC_FORMAT && (readMarkedId(id)?.origin ?? CLAUDE_ORIGIN) === CLAUDE_ORIGIN;
}
