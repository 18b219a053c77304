/**
 * What other vendors than Anthropic want to see again, on its way through a client that knows Anthropic's blocks alone. It
 * travels as the `signature` of a thinking block or the `data` of a redacted one, which clients return untouched:
 * `gatehouse.1.` and base64url of a small JSON object. What does not begin so is Anthropic's own. Details and extra content
 * are marked with their origin (see `replay-marks.ts`); a text has it in `from`.
 */
import { ENVELOPE_PREFIX as PREFIX, readMarkedId } from '../../../providers/replay/replay-marks.js';
import type { ReasoningDetail, ToolCall } from '../chat.js';
import { isObject } from '../chat/body-shape.js';
import { CLAUDE_ORIGIN } from '../replay/replay-origin.js';

/** Anthropic's own replay data stands in the blocks as it is, so that it is right wherever the client takes it. */
export const ANTHROPIC_FORMAT = 'anthropic-claude-v1';

/**
 * `detail`: one of `reasoning_details`; of a thinking block's it lacks the text, which the block shows. Reasoning that the
 * vendor does not sign has none. `text`: reasoning without any detail that is not shown. `call`: what belongs to a tool call.
 */
export interface ReplayEnvelope {
  /** Absent: not known, as in envelopes of earlier versions. */
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

/** Null for what a client has damaged. */
export function openEnvelope(sealed: string): ReplayEnvelope | null {
  try {
    const envelope: unknown = JSON.parse(Buffer.from(sealed.slice(PREFIX.length), 'base64url').toString('utf8'));
    return isObject(envelope) && isSound(envelope) ? envelope : null;
  } catch {
    return null;
  }
}

function isSound({ from, detail, text, call }: { [name: string]: unknown }): boolean {
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

/** The text that a detail shows, if it is of a kind that shows any. */
export function textOf(detail: ReasoningDetail): string {
  if (detail.type === 'reasoning.text') return detail.text ?? '';
  return detail.type === 'reasoning.summary' ? (detail.summary ?? '') : '';
}

/** The detail without the text it shows. */
export function withoutText(detail: ReasoningDetail): NonNullable<ReplayEnvelope['detail']> {
  const rest: { [name: string]: unknown } = { ...detail };
  delete rest['text'];
  delete rest['summary'];
  return rest as NonNullable<ReplayEnvelope['detail']>;
}

/** The detail again, with the text that its thinking block has shown. */
export function withText(detail: NonNullable<ReplayEnvelope['detail']>, text: string): ReasoningDetail {
  if (detail.type === 'reasoning.text') return { ...detail, text };
  if (detail.type === 'reasoning.summary') return { ...detail, summary: text };
  return detail as ReasoningDetail;
}

/** The signature of the thinking block that shows this detail's text; without a detail: of reasoning that nobody signed. */
export function signatureOf(detail: NonNullable<ReplayEnvelope['detail']> | null, origin?: string): string {
  if (detail === null) return sealEnvelope({ from: origin });
  const { signature } = detail as { signature?: unknown };
  if (isAnthropics(detail) && detail.type === 'reasoning.text') return typeof signature === 'string' ? signature : '';
  return sealEnvelope({ detail });
}

/** The data of the redacted block that stands for this detail. */
export function redactedDataOf(detail: ReasoningDetail): string {
  if (isAnthropics(detail) && detail.type === 'reasoning.encrypted') return detail.data;
  return sealEnvelope({ detail });
}

/** Others that serve Claude have its format too, but what they say of its thinking need not be right at Anthropic. */
function isAnthropics({ format, id }: { format: string; id?: string }): boolean {
  return format === ANTHROPIC_FORMAT && (readMarkedId(id)?.origin ?? CLAUDE_ORIGIN) === CLAUDE_ORIGIN;
}
