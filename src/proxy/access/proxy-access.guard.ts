/**
 * Authorizes a call to enter an LLM proxy: finds the proxy and checks the caller's access. Reads nothing of the call's
 * body.
 */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { LlmProxyLookup } from '../../orgs/llm-proxies/llm-proxy.lookup.js';
import { Clock } from '../../platform/time/clock.js';
import type { ProxyId } from '../../platform/ids.js';
import { checkEntry, hasEntryRules } from '../../policy/access-rules/entry-rules.js';
import { readPolicyLabels } from '../client-labels/attribution.js';
import { CallExplanations } from '../call/explanations.js';
import type { LlmCall } from '../call/llm-call.js';
import { orTemporarilyUnavailable } from '../call/temporarily-unavailable.js';
import { checkProxyAccess } from './proxy-access.policy.js';

@Injectable()
export class ProxyAccessGuard {
  constructor(
    private readonly proxies: LlmProxyLookup,
    private readonly clock: Clock,
    private readonly explanations: CallExplanations,
  ) {}

  /** Sets the LLM proxy of the call; synchronously if the proxy is known. Throws the refusal. */
  authorizeProxy(call: LlmCall): void | Promise<void> {
    const found = this.findProxy(call.caller, call.path.proxyId);
    if (this.explanations.isWanted(call)) return this.#authorizeAndExplain(call, found);
    return found instanceof Promise
      ? orTemporarilyUnavailable(found).then((proxy) => this.#authorize(call, proxy))
      : this.#authorize(call, found);
  }

  /** Returns the LLM proxy that the path names, or the default one. Throws `proxy_not_found`. */
  findProxy(caller: Caller, proxyId: ProxyId | null): LlmProxy | Promise<LlmProxy> {
    if (proxyId) return this.proxies.getById(proxyId);
    if (caller.keySource.kind === 'presented' && caller.subject.type === 'key-holder')
      return this.proxies.getDeploymentDefault();
    return this.proxies.getDefault(caller.organizationId);
  }

  /** Explains the call again once its body has been read. Does nothing unless the call asks for an explanation. */
  explain(call: LlmCall, body: Buffer | null): void | Promise<void> {
    if (this.explanations.isWanted(call)) return this.explanations.add(call, body);
  }

  async #authorizeAndExplain(call: LlmCall, found: LlmProxy | Promise<LlmProxy>): Promise<void> {
    try {
      this.#authorize(call, await orTemporarilyUnavailable(Promise.resolve(found)));
    } catch (error) {
      await this.explanations.add(call, null);
      throw error;
    }
  }

  #authorize(call: LlmCall, proxy: LlmProxy): void {
    call.proxy = proxy;
    checkProxyAccess(call.caller, proxy);
    if (!hasEntryRules(proxy)) return;
    const { ip, raw } = call.request;
    checkEntry(proxy, { address: ip ?? '', atMs: this.clock.now(), readLabels: () => readPolicyLabels(raw.headers) });
  }
}
