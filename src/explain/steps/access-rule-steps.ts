/** Checks the access rules of an LLM proxy one by one; a rule whose input the question omits is not checked. Pure. */
import type { LlmProxy, LlmProxyPolicy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { findEntryRefusal } from '../../policy/access-rules/entry-rules.js';
import type { ExplainBody, ExplainedStepView } from './explain.dto.js';

interface AccessRuleStep {
  view: ExplainedStepView;
  refusal: GatewayError | null;
}

const NOT_STATED: Partial<Record<ExplainedStepView['step'], string>> = {
  address: 'The LLM proxy restricts addresses, and clientAddress was not sent.',
  labels: 'The LLM proxy requires labels, and labels was not sent.',
};

/** Returns one step for each rule of the LLM proxy. */
export function checkAccessRules({ name, policy }: LlmProxy, body: ExplainBody, nowMs: number): AccessRuleStep[] {
  const { allowedIpRanges, allowedHours, requiredHeaders } = policy;
  const entrant = {
    address: body.clientAddress ?? '',
    atMs: body.at === undefined ? nowMs : Date.parse(body.at),
    labels: () => {
      const has = (label: 'agent' | 'user' | 'session' | 'run') => (body.labels?.includes(label) ? label : null);
      return { agent: has('agent'), user: has('user'), session: has('session'), run: has('run') };
    },
  };
  const step = (of: ExplainedStepView['step'], rule: LlmProxyPolicy, isSaid: boolean): AccessRuleStep => {
    if (!isSaid) {
      return {
        view: { step: of, decision: 'not_checked', reason: 'not_said', detail: NOT_STATED[of]! },
        refusal: null,
      };
    }
    const refusal = findEntryRefusal({ name, policy: rule }, entrant);
    const view = { step: of, decision: 'passed', reason: 'ok', detail: 'The LLM proxy allows it.' } as const;
    return { view, refusal: refusal && new GatewayError('policy_denied', refusal.detail, { reason: refusal.reason }) };
  };
  return [
    ...(allowedIpRanges ? [step('address', { allowedIpRanges }, body.clientAddress !== undefined)] : []),
    ...(allowedHours ? [step('hours', { allowedHours }, true)] : []),
    ...(requiredHeaders ? [step('labels', { requiredHeaders }, Array.isArray(body.labels))] : []),
  ];
}
