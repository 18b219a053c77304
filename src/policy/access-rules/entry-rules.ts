/**
 * Entry rules of an LLM proxy: addresses, hours and required labels. Checked before anything of the call is read. Pure.
 */
import type { LlmProxy, RequiredLabel } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { isWithin, parseAddressRange, type AddressRange } from '../../platform/addresses/address-range.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { formatHours, isOpen } from './opening-hours.js';

/** Properties of a call that the entry rules check. */
export interface EntryContext {
  /** The client's address; empty if unknown. */
  address: string;
  /** Unix milliseconds. */
  atMs: number;
  /** Labels that the call states about itself; read only if labels are required. */
  labels: () => Readonly<Record<RequiredLabel, string | null>>;
}

const HEADERS: Readonly<Record<RequiredLabel, string>> = {
  agent: 'X-Archestra-Agent-Id',
  user: 'X-Archestra-User-Id',
  session: 'X-Archestra-Session-Id',
  run: 'X-Archestra-Run-Id',
};

// A policy is an object of the cached LLM proxy, so its ranges live as long as it does.
const parsed = new WeakMap<readonly string[], readonly AddressRange[]>();

/** Whether the policy has any entry rules. */
export const hasEntryRules = ({ policy }: Pick<LlmProxy, 'policy'>): boolean =>
  policy.allowedIpRanges !== undefined || policy.allowedHours !== undefined || policy.requiredHeaders !== undefined;

/** Throws `policy_denied`. */
export function checkEntry(proxy: Pick<LlmProxy, 'name' | 'policy'>, entrant: EntryContext): void {
  const refusal = findEntryRefusal(proxy, entrant);
  if (refusal) throw new GatewayError('policy_denied', refusal.detail, { reason: refusal.reason });
}

export interface EntryRefusal {
  /** Stable: `address_not_allowed`, `outside_allowed_hours`, `label_missing`. */
  reason: string;
  detail: string;
}

/** Returns why the call is refused; null if it is allowed. */
export function findEntryRefusal(
  { name, policy }: Pick<LlmProxy, 'name' | 'policy'>,
  entrant: EntryContext,
): EntryRefusal | null {
  const { allowedIpRanges, allowedHours, requiredHeaders } = policy;
  if (allowedIpRanges && !isWithin(rangesOf(allowedIpRanges), entrant.address)) {
    const detail = `The LLM proxy "${name}" accepts no calls from the address ${entrant.address || 'of this call'}. Call from a network that it allows.`;
    return { reason: 'address_not_allowed', detail };
  }
  if (allowedHours && !isOpen(allowedHours, entrant.atMs)) {
    const detail = `The LLM proxy "${name}" accepts no calls at this hour. It accepts them on ${formatHours(allowedHours)}.`;
    return { reason: 'outside_allowed_hours', detail };
  }
  if (requiredHeaders) return missingLabel(name, requiredHeaders, entrant.labels());
  return null;
}

function missingLabel(name: string, required: readonly RequiredLabel[], labels: ReturnType<EntryContext['labels']>) {
  const missing = required.filter((label) => labels[label] === null);
  if (missing.length === 0) return null;
  const headers = missing.map((label) => HEADERS[label]).join(', ');
  const detail = `Calls to the LLM proxy "${name}" must name their ${missing.join(', ')}. Send ${headers}.`;
  return { reason: 'label_missing', detail };
}

/** Ranges that cannot be parsed admit no address. */
function rangesOf(texts: readonly string[]): readonly AddressRange[] {
  let ranges = parsed.get(texts);
  if (!ranges) {
    ranges = texts.map(parseAddressRange).filter((range) => range !== null);
    parsed.set(texts, ranges);
  }
  return ranges;
}
