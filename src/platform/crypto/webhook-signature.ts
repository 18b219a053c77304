/** Secrets and signatures of webhooks, as the Standard Webhooks specification has them ("Signature scheme", symmetric). */
import { createHmac, randomBytes } from 'node:crypto';
import { Secret } from './secret.js';

const PREFIX = 'whsec_';
/** The specification asks for 24 to 64. */
const SECRET_BYTES = 32;

/** `whsec_` and the base64 of the key. */
export const mintWebhookSecret = (): Secret => new Secret(PREFIX + randomBytes(SECRET_BYTES).toString('base64'));

/** For the answer that shows it once, and nowhere else. */
export const shownOnce = (secret: Secret): string => secret.expose();

/**
 * The headers that a receiver checks. `id` stays the same in every attempt; `at`, of this attempt, is Unix milliseconds.
 *
 * @param body what is sent, byte by byte
 */
export function signedHeaders(secret: Secret, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.expose().slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
