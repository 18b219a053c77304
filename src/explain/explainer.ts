/** Explains the outcome of a call, step by step, in the order of a call. Nothing is executed. */
import { validationError } from '../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../auth/callers/actor.js';
import type { AuthRoute } from '../auth/methods/auth-method.js';
import { getUserId, type Caller } from '../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../audit/entries/audit-log.js';
import type { LlmProxy } from '../orgs/llm-proxies/policy/llm-proxy.js';
import { Clock } from '../platform/time/clock.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import type { ProxyId } from '../platform/ids.js';
import { ProxyAccessGuard } from '../proxy/access/proxy-access.guard.js';
import { checkProxyAccess } from '../proxy/access/proxy-access.policy.js';
import { checkAccessRules } from './steps/access-rule-steps.js';
import { TargetResolver, type ResolvedTargets } from './steps/target-resolver.js';
import { LimitChecker } from './steps/limit-checker.js';
import { CallerResolver, type Subject } from './steps/caller-resolver.js';
import type { ExplainBody, ExplainedCallerView, ExplainedStepView, ExplanationView } from './steps/explain.dto.js';

@Injectable()
export class Explainer {
  constructor(
    private readonly callers: CallerResolver,
    private readonly accessGuard: ProxyAccessGuard,
    private readonly targets: TargetResolver,
    private readonly limits: LimitChecker,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Throws `validation_failed` and `not_found` for the question; errors of the call are part of the explanation. */
  async explain(actor: Actor, body: ExplainBody): Promise<ExplanationView> {
    if (body.provider === undefined && body.model === undefined) throw createNothingToExplainError();
    const route = toAuthRoute(body);
    const subject = await this.callers.resolveSubject(actor, body, route);
    const explanation = await this.runSteps(subject.resolveCaller, body, route);
    await this.#record(actor, subject, body, explanation);
    return explanation;
  }

  /**
   * Runs the steps up to the first refusal. Without provider and model, stops before the target is resolved. `admit`
   * throws GatewayError as the guard would.
   */
  async runSteps(
    resolveCaller: () => Promise<Caller>,
    body: ExplainBody,
    { surface, proxyId }: AuthRoute,
  ): Promise<ExplanationView> {
    const explanation: ExplanationView = {
      isAllowed: false,
      refusal: null,
      surface,
      method: null,
      caller: null,
      proxy: null,
      modelAlias: null,
      steps: [],
      places: [],
      limits: [],
    };
    let step: ExplainedStepView['step'] = 'admit';
    try {
      const caller = await resolveCaller();
      explanation.method = caller.method;
      explanation.caller = toCallerView(caller);
      checkExpiry(caller, this.clock.now());
      explanation.steps.push(createPassedStep(step, `Admitted by the method ${caller.method}.`));
      step = 'enter';
      const proxy = await this.accessGuard.findProxy(caller, proxyId);
      checkProxyAccess(caller, proxy);
      explanation.proxy = { id: proxy.id, name: proxy.name, isDefault: proxy.isDefault };
      explanation.steps.push(createPassedStep(step, `The LLM proxy "${proxy.name}" may be used.`));
      for (const rule of checkAccessRules(proxy, body, this.clock.now())) {
        step = rule.view.step;
        if (rule.refusal) throw rule.refusal;
        explanation.steps.push(rule.view);
      }
      step = 'aim';
      const resolved = await this.#resolveTargets(body, caller, proxy);
      if (resolved) {
        explanation.places = resolved.targets;
        explanation.modelAlias = resolved.modelAlias;
        if (resolved.refusal) throw resolved.refusal;
        explanation.steps.push(createPassedStep(step, 'The call can be sent.'));
        step = 'limit';
        const limitCheck = await this.limits.check(resolved.targets, caller, proxy);
        explanation.limits = limitCheck?.limits ?? [];
        if (limitCheck?.refusal) throw limitCheck.refusal;
        explanation.steps.push(
          limitCheck ? createPassedStep(step, describeLimits(limitCheck.limits.length)) : NOT_KNOWN,
        );
      }
      explanation.isAllowed = true;
    } catch (error) {
      if (!isCallError(error)) throw error;
      const { code, status, detail, reason } = error;
      explanation.refusal = { status, code, detail };
      explanation.steps.push({ step, decision: 'refused', reason: reason ?? code, detail });
    }
    return explanation;
  }

  async #resolveTargets(
    { provider, model }: ExplainBody,
    caller: Caller,
    proxy: LlmProxy,
  ): Promise<ResolvedTargets | null> {
    if (provider !== undefined) return this.targets.resolveOnProviderRoute(provider, model ?? null, caller, proxy);
    return model === undefined ? null : this.targets.resolveOnModelRouter(model, caller, proxy);
  }

  /** Records who asked about which subject; for a credential, only that one was given. */
  #record(actor: Actor, subject: Subject, body: ExplainBody, { isAllowed, refusal }: ExplanationView): Promise<void> {
    const { proxyId = null, provider = null, model = null } = body;
    const after = { proxyId, provider, model, isAllowed, refusal: refusal?.code ?? null };
    const event = buildAuditEvent(subject.type, 'explain', subject.id, { after });
    return this.unitOfWork.run(({ manager }) => this.audit.record(manager, actor, event));
  }
}

const toAuthRoute = ({ provider, proxyId }: ExplainBody): AuthRoute => ({
  surface: provider === undefined ? 'model-router' : 'provider-route',
  provider: provider ?? null,
  proxyId: (proxyId ?? null) as ProxyId | null,
});

/**
 * Whether an error is part of the explanation: those that the caller would receive. Errors of the gateway or of the
 * question are not.
 */
function isCallError(error: unknown): error is GatewayError {
  return (
    error instanceof GatewayError &&
    error.code !== 'permission_denied' &&
    error.code !== 'too_many_failures' &&
    (error.status < 500 || error.code === 'provider_key_unavailable')
  );
}

function checkExpiry({ expiresAt }: Caller, now: number): void {
  if (expiresAt !== null && expiresAt <= now)
    throw new GatewayError('credential_expired', `This credential expired at ${new Date(expiresAt).toISOString()}.`);
}

const createPassedStep = (step: ExplainedStepView['step'], detail: string): ExplainedStepView => ({
  step,
  decision: 'passed',
  reason: 'ok',
  detail,
});

const describeLimits = (count: number): string =>
  count === 0 ? 'No limit applies.' : 'All limits that apply have capacity left.';

const NOT_KNOWN: ExplainedStepView = {
  step: 'limit',
  decision: 'not_checked',
  reason: 'temporarily_unavailable',
  detail: 'The usage of the limits cannot be read at the moment.',
};

const toCallerView = (caller: Caller): ExplainedCallerView => ({
  type: caller.subject.type,
  id: 'id' in caller.subject ? caller.subject.id : null,
  userId: getUserId(caller),
  keySource: caller.keySource.kind,
  allowedModels: caller.allowedModels,
  expiresAt: caller.expiresAt === null ? null : new Date(caller.expiresAt),
});

function createNothingToExplainError(): GatewayError {
  const detail = 'Send the provider whose route receives the call, or the model that the Model Router receives.';
  return validationError({ pointer: '/provider', detail });
}
