/**
 * Carries thought signatures through a Chat client (ai.google.dev/gemini-api/docs/thought-signatures). A call contains
 * its own signature (`extra_content.google.thought_signature`, as in Google's OpenAI-compatible API). The signature of
 * a text is in `reasoning_details`; its id is the range of `content` that it signs: `text-0-17`, in UTF-16 units, the
 * end exclusive.
 */
import type { AssistantMessage, ReasoningDetail } from '../../pivot/chat.js';

export const GEMINI_FORMAT = 'google-gemini-v1';

/** Documented placeholder for a signature that is lost or never existed (calls of another model). */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

export interface SignedText {
  from: number;
  to: number;
  signature: string;
}

export interface SignedThought {
  text: string;
  signature: string;
}

export function toTextSignature({ from, to, signature }: SignedText, index: number): ReasoningDetail {
  return { type: 'reasoning.encrypted', data: signature, format: GEMINI_FORMAT, id: `text-${from}-${to}`, index };
}

export function toThoughtSignature({ text, signature }: SignedThought, index: number): ReasoningDetail {
  return { type: 'reasoning.text', text, signature, format: GEMINI_FORMAT, index };
}

const TEXT_RANGE = /^text-(\d{1,9})-(\d{1,9})$/;

/** Whether `id` is the id that this gateway gives to the signature of a text. */
export const isTextRange = (id: unknown): boolean => typeof id === 'string' && TEXT_RANGE.test(id);

export interface Signatures {
  texts: SignedText[];
  thoughts: SignedThought[];
  /** False if the message contains details of other vendors, which Gemini must not receive. */
  isAll: boolean;
}

/** Returns Gemini's own signatures among the details of a message. */
export function readSignatures(message: AssistantMessage): Signatures {
  const texts: SignedText[] = [];
  const thoughts: SignedThought[] = [];
  let isAll = true;
  for (const detail of message.reasoning_details ?? []) {
    if (detail.format !== GEMINI_FORMAT) isAll = false;
    else if (detail.type === 'reasoning.text' && detail.signature) {
      thoughts.push({ text: detail.text, signature: detail.signature });
    } else if (detail.type === 'reasoning.encrypted') {
      const range = TEXT_RANGE.exec(detail.id ?? '');
      // a signature without a range applies to the whole text
      texts.push({ from: Number(range?.[1] ?? 0), to: Number(range?.[2] ?? Infinity), signature: detail.data });
    }
  }
  return { texts, thoughts, isAll };
}
