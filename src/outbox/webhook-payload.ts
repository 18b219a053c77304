/** Body of a webhook, in the form of Standard Webhooks ("Payload structure"). Pure. */
import type { DeliveredEvent, WebhookData } from './webhook-events.js';

/** Many receivers accept little more than this, and rows of the outbox stay small. */
export const MAX_PAYLOAD_BYTES = 16 * 1024;

/** Users choose names: the maximum suits any name, and one name never fills the whole payload. */
const MAX_TEXT_CHARS = 500;
const MAX_ITEMS = 50;

/**
 * Returns the JSON body. Long texts and lists in `data` are cut. If the body is still too large, `{ isTruncated: true
 * }` replaces `data`.
 */
export function buildWebhookPayload<E extends DeliveredEvent>(event: E, data: WebhookData[E], at: number): string {
  const envelope = { type: event, timestamp: new Date(at).toISOString() };
  const payload = JSON.stringify({ ...envelope, data: truncateData(data) });
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES) return payload;
  return JSON.stringify({ ...envelope, data: { isTruncated: true } });
}

function truncateData(data: object): object {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) ? value.slice(0, MAX_ITEMS).map(truncateText) : truncateText(value),
    ]),
  );
}

const truncateText = (value: unknown): unknown =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT_CHARS).replace(/\p{Cs}/gu, '\ufffd') : value;
