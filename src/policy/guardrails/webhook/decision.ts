/** Parses the response of a webhook. Pure. */
import type { AskedText } from './question.js';
import { WebhookFailed } from './error.js';

export type Verdict = { readonly reason: string | null } & (
  | { readonly action: 'allow' | 'block' | 'flag' }
  /** Pointer → replacement text. */
  | { readonly action: 'redact'; readonly texts: ReadonlyMap<string, string> }
);

/** The reason appears in records and errors, so it must be a slug, in which no text of the call can hide. */
const REASON = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Throws WebhookFailed if the body is not a verdict on these texts. A reason that is not a slug is left out. */
export function readVerdict(body: Buffer, asked: readonly AskedText[]): Verdict {
  const { action, reason: given, texts } = membersOf(parsed(body));
  const reason = typeof given === 'string' && REASON.test(given) ? given : null;
  if (action === 'allow' || action === 'block' || action === 'flag') return { action, reason };
  if (action === 'redact') return { action, reason, texts: replacements(texts, asked) };
  throw new WebhookFailed('bad_answer');
}

function replacements(texts: unknown, asked: readonly AskedText[]): Map<string, string> {
  if (!Array.isArray(texts) || texts.length === 0) throw new WebhookFailed('bad_answer');
  const known = new Set(asked.map(({ pointer }) => pointer));
  const replaced = new Map<string, string>();
  for (const one of texts) {
    const { pointer, text } = membersOf(one);
    if (typeof pointer !== 'string' || typeof text !== 'string' || !known.has(pointer))
      throw new WebhookFailed('bad_answer');
    replaced.set(pointer, text);
  }
  return replaced;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new WebhookFailed('bad_answer');
  }
}

function membersOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new WebhookFailed('bad_answer');
  return value as Record<string, unknown>;
}
