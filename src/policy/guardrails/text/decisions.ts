/** Decisions of the guardrails on one call so far. */
import type { GuardrailDecision } from '../../../orgs/llm-proxies/policy/guardrail.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { Match } from './rule-matches.js';

/** Maximum number of recorded decisions: a body of 32 MiB can hold millions of matches. */
const MAX_DECISIONS = 100;
const MAX_POINTER_CHARS = 300;

export class Decisions {
  readonly recorded: GuardrailDecision[] = [];
  /** Names of the rules that flagged, redacted or refused a call, each once. */
  readonly names = new Set<string>();

  addMatch(on: GuardrailDecision['on'], pointer: string, { rule, start, end }: Match, textOffset = 0): void {
    const position = { pointer, offset: textOffset + start, length: end - start };
    this.add({ guardrail: rule.name, action: rule.action, on, ...position });
  }

  add(decision: GuardrailDecision): void {
    if (decision.action !== 'block') this.names.add(decision.guardrail);
    if (this.recorded.length >= MAX_DECISIONS) return;
    this.recorded.push({ ...decision, pointer: decision.pointer.slice(0, MAX_POINTER_CHARS) });
  }
}

/** Error for a blocked request: it names the guardrail and the position, not the text. */
export function createRequestBlockedError({ rule }: Match, pointer: string): GatewayError {
  const position = pointer === '' ? 'the body' : pointer.slice(0, MAX_POINTER_CHARS);
  return new GatewayError(
    'guardrail_blocked',
    `The guardrail "${rule.name}" found ${rule.detector.description} in the request, at ${position}. Remove it and send the request again.`,
    { reason: rule.name, fields: [{ pointer, detail: `holds ${rule.detector.description}` }] },
  );
}

export const createResponseBlockedError = ({ rule }: Match): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    `The guardrail "${rule.name}" found ${rule.detector.description} in the response, which is withheld. Change the request.`,
    { reason: rule.name },
  );

/** Error for text that a webhook blocked. `reason` is a slug from the webhook. */
export function createWebhookBlockedError(
  name: string,
  on: GuardrailDecision['on'],
  reason: string | null,
): GatewayError {
  const reasonText = reason === null ? '' : ` (${reason})`;
  const detail =
    on === 'request'
      ? `The guardrail "${name}" refused the request${reasonText}. Change it and send it again.`
      : `The guardrail "${name}" refused the response${reasonText}, which is withheld. Change the request.`;
  return new GatewayError('guardrail_blocked', detail, { reason: name });
}

/** Error for text that could not be judged. */
export const createWebhookUnavailableError = (name: string, on: GuardrailDecision['on']): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    `The guardrail "${name}" could not check the ${on === 'answer' ? 'response' : on}, and its decision is required. Try again later, or contact your administrator.`,
    { reason: name },
  );

export const createUncheckableError = (): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    'Guardrails check responses here, and cannot read this kind of stream. Request server-sent events (Gemini: ?alt=sse, Cohere: v2/chat), or do not stream.',
    { reason: 'not_screenable' },
  );

export const createTooLargeToCheckError = (): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    'Guardrails check responses here, and this one is too large for them. Request less at a time.',
    { reason: 'not_screenable' },
  );
