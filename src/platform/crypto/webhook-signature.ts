/** Secrets and signatures of webhooks, as Standard Webhooks specifies them ("Signature scheme", symmetric). */
import { createHmac, randomBytes } from 'node:crypto';
import { Secret } from './secret.js';

const PREFIX = 'whsec_';
/** The specification requires 24 to 64. */
const SECRET_BYTES = 32;

/** `whsec_` and the base64 of the key. */
export const mintWebhookSecret = (): Secret => new Secret(PREFIX + randomBytes(SECRET_BYTES).toString('base64'));

/** Exposes the secret for the one response that contains it. */
export const exposeOnce = (secret: Secret): string => secret.expose();

/**
 * Returns the headers that a receiver checks. `id` is the same in every attempt. `at` is the time of this attempt, in
 * Unix milliseconds.
 *
 * @param body the exact text that is sent
 */
export function buildSignedHeaders(secret: Secret, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.expose().slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
