/** Checks whether this caller may enter this LLM proxy. Pure; throws the refusal. */
import type { Caller } from '../../auth/callers/caller.js';
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';

export function checkProxyAccess(caller: Caller, proxy: LlmProxy): void {
  if (caller.organizationId !== proxy.organizationId) {
    throw refused('This LLM proxy belongs to another organization.');
  }
  if (!caller.scopes.has('llm:proxy')) {
    throw new GatewayError(
      'insufficient_scope',
      'This token lacks the scope llm:proxy. Request it when you fetch the token.',
      {
        headers: { 'www-authenticate': 'Bearer realm="gatehouse", error="insufficient_scope", scope="llm:proxy"' },
      },
    );
  }
  const { proxyIds, teamIds, extraProxyIds } = caller.proxyAccess;
  if (extraProxyIds?.has(proxy.id)) return;
  if (proxyIds !== null && !proxyIds.has(proxy.id)) {
    throw refused(
      `This credential may not use the LLM proxy "${proxy.name}". Use an LLM proxy that it was created for.`,
    );
  }
  if (teamIds !== null && proxy.teamIds.length > 0 && !proxy.teamIds.some((id) => teamIds.has(id))) {
    throw refused(
      `The LLM proxy "${proxy.name}" is open to certain teams, and this credential belongs to none of them.`,
    );
  }
  if (caller.keySource.kind === 'presented' && !proxy.allowDirectKeys) {
    throw new GatewayError(
      'direct_keys_disabled',
      `The LLM proxy "${proxy.name}" does not accept provider keys from callers. Use a virtual key.`,
    );
  }
}

const refused = (detail: string): GatewayError => new GatewayError('proxy_not_allowed', detail);
