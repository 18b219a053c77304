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
  const context = {
    address: body.clientAddress ?? '',
    atMs: body.at === undefined ? nowMs : Date.parse(body.at),
    readLabels: () => {
      const findLabel = (label: 'agent' | 'user' | 'session' | 'run') => (body.labels?.includes(label) ? label : null);
      return {
        agent: findLabel('agent'),
        user: findLabel('user'),
        session: findLabel('session'),
        run: findLabel('run'),
      };
    },
  };
  const checkRule = (stepName: ExplainedStepView['step'], rule: LlmProxyPolicy, isStated: boolean): AccessRuleStep => {
    if (!isStated) {
      return {
        view: { step: stepName, decision: 'not_checked', reason: 'not_said', detail: NOT_STATED[stepName]! },
        refusal: null,
      };
    }
    const refusal = findEntryRefusal({ name, policy: rule }, context);
    const view = { step: stepName, decision: 'passed', reason: 'ok', detail: 'The LLM proxy allows it.' } as const;
    return { view, refusal: refusal && new GatewayError('policy_denied', refusal.detail, { reason: refusal.reason }) };
  };
  return [
    ...(allowedIpRanges ? [checkRule('address', { allowedIpRanges }, body.clientAddress !== undefined)] : []),
    ...(allowedHours ? [checkRule('hours', { allowedHours }, true)] : []),
    ...(requiredHeaders ? [checkRule('labels', { requiredHeaders }, Array.isArray(body.labels))] : []),
  ];
}
