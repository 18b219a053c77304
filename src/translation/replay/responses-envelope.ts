/**
 * Carries replay data through a client of the Responses API, in `encrypted_content` of reasoning items, which clients
 * return unchanged. The envelope is `gatehouse.v1.` and the base64 of `{"from": string, "details": ReasoningDetail[],
 * "calls": {call_id: extra_content}}`. It is not encrypted: it contains nothing that the caller may not see, and a
 * returned envelope is treated as the caller's own input.
 */
import { readMarkedId, RESPONSES_ENVELOPE_PREFIX as PREFIX } from '../../providers/replay/marks.js';
import { isObject } from '../pivot/body-shape.js';
import type { JsonObject, ReasoningDetail } from '../pivot/chat.js';

const DETAIL_TEXTS: Readonly<Record<string, string>> = {
  'reasoning.text': 'text',
  'reasoning.encrypted': 'data',
  'reasoning.summary': 'summary',
};

export interface Replay {
  /** Origin of the text that is shown. Absent: unknown, as in envelopes of earlier versions. */
  from?: string | undefined;
  details: ReasoningDetail[];
  /** `extra_content` of calls (Gemini's thought signature), by call id. */
  calls: Map<string, JsonObject>;
}

export const createEmptyReplay = (from?: string): Replay => ({ from, details: [], calls: new Map() });

export const isEmptyReplay = (replay: Replay): boolean => replay.details.length === 0 && replay.calls.size === 0;

export function sealReplay({ from, details, calls }: Replay): string {
  const envelope = {
    ...(from !== undefined && { from }),
    ...(details.length > 0 && { details }),
    ...(calls.size > 0 && { calls: Object.fromEntries(calls) }),
  };
  return PREFIX + Buffer.from(JSON.stringify(envelope)).toString('base64');
}

/**
 * Opens an envelope. Returns null for data that this gateway did not write, and for envelopes that were changed on the
 * way.
 */
export function openReplay(sealed: unknown): Replay | null {
  if (typeof sealed !== 'string' || !sealed.startsWith(PREFIX)) return null;
  const envelope = parseJson(Buffer.from(sealed.slice(PREFIX.length), 'base64').toString('utf8'));
  if (!isObject(envelope)) return null;
  const details = envelope['details'] ?? [];
  const calls = envelope['calls'] ?? {};
  if (!Array.isArray(details) || !details.every(isDetail)) return null;
  if (!isObject(calls) || !Object.values(calls).every(isObject)) return null;
  const from = typeof envelope['from'] === 'string' ? envelope['from'] : readMarkedId(details[0]?.id)?.origin;
  return { from, details, calls: new Map(Object.entries(calls) as [string, JsonObject][]) };
}

/**
 * Adds the details of a delta. A detail that continues the last one, of the same kind, format and index, is joined to
 * it, as streams cut details into pieces.
 */
export function addDetails(all: ReasoningDetail[], more: readonly ReasoningDetail[]): void {
  for (const detail of more) {
    const last = all.at(-1);
    if (!last || !isContinuation(last, detail)) {
      all.push({ ...detail });
    } else if (detail.type === 'reasoning.text' && last.type === 'reasoning.text') {
      last.text += detail.text ?? '';
      if (detail.signature !== undefined) last.signature = (last.signature ?? '') + detail.signature;
    } else if (detail.type === 'reasoning.encrypted' && last.type === 'reasoning.encrypted') {
      last.data += detail.data;
    } else if (detail.type === 'reasoning.summary' && last.type === 'reasoning.summary') {
      last.summary += detail.summary;
    }
  }
}

function isContinuation(last: ReasoningDetail, next: ReasoningDetail): boolean {
  return (
    next.index !== undefined &&
    next.index === last.index &&
    next.type === last.type &&
    next.format === last.format &&
    (next.id === undefined || next.id === last.id)
  );
}

function isDetail(value: unknown): value is ReasoningDetail {
  if (!isObject(value) || typeof value['type'] !== 'string') return false;
  const member = Object.hasOwn(DETAIL_TEXTS, value['type']) ? DETAIL_TEXTS[value['type']]! : null;
  return member !== null && typeof value[member] === 'string';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
