/** The body of a webhook, in the form of Standard Webhooks ("Payload structure"). Pure. */
import type { DeliveredEvent, WebhookData } from './webhook-events.js';

/** Receivers often take little more than this, and a row of the outbox stays small. */
export const MOST_PAYLOAD_BYTES = 16 * 1024;

/** Names are chosen by people: long enough for any, and never the whole payload. */
const LONGEST_TEXT = 500;
const MOST_ITEMS = 50;

/** Texts and lists in `data` are cut; what is too large all the same comes without its data, `isTruncated` in its place. */
export function webhookPayload<E extends DeliveredEvent>(event: E, data: WebhookData[E], at: number): string {
  const envelope = { type: event, timestamp: new Date(at).toISOString() };
  const payload = JSON.stringify({ ...envelope, data: cut(data) });
  if (Buffer.byteLength(payload) <= MOST_PAYLOAD_BYTES) return payload;
  return JSON.stringify({ ...envelope, data: { isTruncated: true } });
}

function cut(data: object): object {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) ? value.slice(0, MOST_ITEMS).map(cutText) : cutText(value),
    ]),
  );
}

const cutText = (value: unknown): unknown =>
  typeof value === 'string' ? value.slice(0, LONGEST_TEXT).replace(/\p{Cs}/gu, '\ufffd') : value;
