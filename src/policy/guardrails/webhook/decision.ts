/** Parses the response of a webhook. Pure. */
import type { WebhookRequestText } from './request.js';
import { WebhookError } from './error.js';

export type WebhookDecision = { readonly reason: string | null } & (
  | { readonly action: 'allow' | 'block' | 'flag' }
  /** Pointer → replacement text. */
  | { readonly action: 'redact'; readonly texts: ReadonlyMap<string, string> }
);

/** The reason appears in records and errors, so it must be a slug, in which no text of the call can hide. */
const REASON = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Throws WebhookError if the body is not a verdict on these texts. A reason that is not a slug is left out. */
export function readDecision(body: Buffer, requestTexts: readonly WebhookRequestText[]): WebhookDecision {
  const { action, reason: reasonValue, texts } = requireMembers(parseBody(body));
  const reason = typeof reasonValue === 'string' && REASON.test(reasonValue) ? reasonValue : null;
  if (action === 'allow' || action === 'block' || action === 'flag') return { action, reason };
  if (action === 'redact') return { action, reason, texts: readReplacements(texts, requestTexts) };
  throw new WebhookError('bad_answer');
}

function readReplacements(texts: unknown, requestTexts: readonly WebhookRequestText[]): Map<string, string> {
  if (!Array.isArray(texts) || texts.length === 0) throw new WebhookError('bad_answer');
  const known = new Set(requestTexts.map(({ pointer }) => pointer));
  const replaced = new Map<string, string>();
  for (const one of texts) {
    const { pointer, text } = requireMembers(one);
    if (typeof pointer !== 'string' || typeof text !== 'string' || !known.has(pointer))
      throw new WebhookError('bad_answer');
    replaced.set(pointer, text);
  }
  return replaced;
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new WebhookError('bad_answer');
  }
}

function requireMembers(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new WebhookError('bad_answer');
  return value as Record<string, unknown>;
}
