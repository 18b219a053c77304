/**
 * Thought signatures on their way through a Chat client (ai.google.dev/gemini-api/docs/thought-signatures). A call's stands in
 * the call (`extra_content.google.thought_signature`, as in Google's OpenAI-compatible API); a text's in `reasoning_details`,
 * with the stretch of `content` that it belongs to as its id: `text-0-17`, in UTF-16 units, the end not included.
 */
import type { AssistantMessage, ReasoningDetail } from '../chat.js';

export const GEMINI_FORMAT = 'google-gemini-v1';

/** Documented: taken in place of a signature that is not known any more, or was never there (calls of another model). */
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

export function textSignature({ from, to, signature }: SignedText, index: number): ReasoningDetail {
  return { type: 'reasoning.encrypted', data: signature, format: GEMINI_FORMAT, id: `text-${from}-${to}`, index };
}

export function thoughtSignature({ text, signature }: SignedThought, index: number): ReasoningDetail {
  return { type: 'reasoning.text', text, signature, format: GEMINI_FORMAT, index };
}

const STRETCH = /^text-(\d{1,9})-(\d{1,9})$/;

/** Whether it is the id of a text's signature, as this gateway gives it. */
export const isTextStretch = (id: unknown): boolean => typeof id === 'string' && STRETCH.test(id);

export interface Signatures {
  texts: SignedText[];
  thoughts: SignedThought[];
  /** False where the message holds details of other vendors', which Gemini must not see. */
  isAll: boolean;
}

/** Gemini's own among the details of a message. */
export function signaturesOf(message: AssistantMessage): Signatures {
  const texts: SignedText[] = [];
  const thoughts: SignedThought[] = [];
  let isAll = true;
  for (const detail of message.reasoning_details ?? []) {
    if (detail.format !== GEMINI_FORMAT) isAll = false;
    else if (detail.type === 'reasoning.text' && detail.signature) {
      thoughts.push({ text: detail.text, signature: detail.signature });
    } else if (detail.type === 'reasoning.encrypted') {
      const stretch = STRETCH.exec(detail.id ?? '');
      // one without its place belongs to the text as a whole
      texts.push({ from: Number(stretch?.[1] ?? 0), to: Number(stretch?.[2] ?? Infinity), signature: detail.data });
    }
  }
  return { texts, thoughts, isAll };
}
