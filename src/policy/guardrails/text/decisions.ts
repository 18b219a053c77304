/** Decisions of the guardrails on one call so far. */
import type { GuardrailDecision } from '../../../orgs/llm-proxies/policy/guardrail.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { Match } from './rule-matches.js';

/** Maximum number of recorded decisions: a body of 32 MiB can hold millions of matches. */
const MOST_KEPT = 100;
const LONGEST_POINTER = 300;

export class Decisions {
  readonly kept: GuardrailDecision[] = [];
  /** Names of the rules that flagged, redacted or refused a call, each once. */
  readonly names = new Set<string>();

  note(on: GuardrailDecision['on'], pointer: string, { rule, start, end }: Match, textOffset = 0): void {
    const place = { pointer, offset: textOffset + start, length: end - start };
    this.add({ guardrail: rule.name, action: rule.action, on, ...place });
  }

  add(decision: GuardrailDecision): void {
    if (decision.action !== 'block') this.names.add(decision.guardrail);
    if (this.kept.length >= MOST_KEPT) return;
    this.kept.push({ ...decision, pointer: decision.pointer.slice(0, LONGEST_POINTER) });
  }
}

/** Error for a blocked request: it names the guardrail and the position, not the text. */
export function requestBlocked({ rule }: Match, pointer: string): GatewayError {
  const place = pointer === '' ? 'the body' : pointer.slice(0, LONGEST_POINTER);
  return new GatewayError(
    'guardrail_blocked',
    `The guardrail "${rule.name}" found ${rule.detector.words} in the request, at ${place}. Take it out and send the request again.`,
    { reason: rule.name, fields: [{ pointer, detail: `holds ${rule.detector.words}` }] },
  );
}

export const answerBlocked = ({ rule }: Match): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    `The guardrail "${rule.name}" found ${rule.detector.words} in the answer, which is held back. Ask for something else.`,
    { reason: rule.name },
  );

/** Error for text that a webhook blocked. `reason` is a slug from the webhook. */
export function webhookBlocked(name: string, on: GuardrailDecision['on'], reason: string | null): GatewayError {
  const why = reason === null ? '' : ` (${reason})`;
  const detail =
    on === 'request'
      ? `The guardrail "${name}" refused the request${why}. Change it and send it again.`
      : `The guardrail "${name}" refused the answer${why}, which is held back. Ask for something else.`;
  return new GatewayError('guardrail_blocked', detail, { reason: name });
}

/** Error for text that could not be judged. */
export const webhookUnheard = (name: string, on: GuardrailDecision['on']): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    `The guardrail "${name}" could not judge the ${on}, and nothing goes on without its word. Try again later, or tell your administrator.`,
    { reason: name },
  );

export const notScreenable = (): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    'Guardrails look at answers here, and cannot look into a stream of this kind. Ask for server-sent events (Gemini: ?alt=sse, Cohere: v2/chat) or for a whole answer.',
    { reason: 'not_screenable' },
  );

export const tooLargeToScreen = (): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    'Guardrails look at answers here, and this one is too large for them. Ask for less at a time.',
    { reason: 'not_screenable' },
  );
