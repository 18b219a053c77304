/**
 * Authorizes a call to enter an LLM proxy: finds the proxy and checks the caller's access. Reads nothing of the call's
 * body.
 */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { ProxyDirectory } from '../../orgs/llm-proxies/llm-proxy.lookup.js';
import { Clock } from '../../platform/time/clock.js';
import type { ProxyId } from '../../platform/ids.js';
import { checkEntry, hasEntryRules } from '../../policy/access-rules/entry-rules.js';
import { policyLabels } from '../client-labels/attribution.js';
import { CallExplanations } from '../call/explanations.js';
import type { Exchange } from '../call/llm-call.js';
import { lookedUp } from '../call/temporarily-unavailable.js';
import { checkProxyAccess } from './proxy-access.policy.js';

@Injectable()
export class Entrance {
  constructor(
    private readonly proxies: ProxyDirectory,
    private readonly clock: Clock,
    private readonly explanations: CallExplanations,
  ) {}

  /** Sets the LLM proxy of the call; synchronously if the proxy is known. Throws the refusal. */
  enter(exchange: Exchange): void | Promise<void> {
    const found = this.proxyOf(exchange.caller, exchange.path.proxyId);
    if (this.explanations.isWanted(exchange)) return this.#letExplained(exchange, found);
    return found instanceof Promise
      ? lookedUp(found).then((proxy) => this.#let(exchange, proxy))
      : this.#let(exchange, found);
  }

  /** Returns the LLM proxy that the path names, or the default one. Throws `proxy_not_found`. */
  proxyOf(caller: Caller, proxyId: ProxyId | null): LlmProxy | Promise<LlmProxy> {
    if (proxyId) return this.proxies.byId(proxyId);
    if (caller.keySource.kind === 'presented' && caller.subject.type === 'key-holder')
      return this.proxies.deploymentDefault();
    return this.proxies.defaultOf(caller.organisationId);
  }

  /** Explains the call again once its body has been read. Does nothing unless the call asks for an explanation. */
  explain(exchange: Exchange, body: Buffer | null): void | Promise<void> {
    if (this.explanations.isWanted(exchange)) return this.explanations.add(exchange, body);
  }

  async #letExplained(exchange: Exchange, found: LlmProxy | Promise<LlmProxy>): Promise<void> {
    try {
      this.#let(exchange, await lookedUp(Promise.resolve(found)));
    } catch (error) {
      await this.explanations.add(exchange, null);
      throw error;
    }
  }

  #let(exchange: Exchange, proxy: LlmProxy): void {
    exchange.proxy = proxy;
    checkProxyAccess(exchange.caller, proxy);
    if (!hasEntryRules(proxy)) return;
    const { ip, raw } = exchange.request;
    checkEntry(proxy, { address: ip ?? '', atMs: this.clock.now(), labels: () => policyLabels(raw.headers) });
  }
}
