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
  readLabels: () => Readonly<Record<RequiredLabel, string | null>>;
}

const LABEL_HEADERS: Readonly<Record<RequiredLabel, string>> = {
  agent: 'X-Archestra-Agent-Id',
  user: 'X-Archestra-User-Id',
  session: 'X-Archestra-Session-Id',
  run: 'X-Archestra-Run-Id',
};

// A policy is an object of the cached LLM proxy, so its ranges live as long as it does.
const parsedRanges = new WeakMap<readonly string[], readonly AddressRange[]>();

/** Whether the policy has any entry rules. */
export const hasEntryRules = ({ policy }: Pick<LlmProxy, 'policy'>): boolean =>
  policy.allowedIpRanges !== undefined || policy.allowedHours !== undefined || policy.requiredHeaders !== undefined;

/** Throws `policy_denied`. */
export function checkEntry(proxy: Pick<LlmProxy, 'name' | 'policy'>, context: EntryContext): void {
  const refusal = findEntryRefusal(proxy, context);
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
  context: EntryContext,
): EntryRefusal | null {
  const { allowedIpRanges, allowedHours, requiredHeaders } = policy;
  if (allowedIpRanges && !isWithin(parseRanges(allowedIpRanges), context.address)) {
    const detail = `The LLM proxy "${name}" accepts no calls from the address ${context.address || 'of this call'}. Call from a network that it allows.`;
    return { reason: 'address_not_allowed', detail };
  }
  if (allowedHours && !isOpen(allowedHours, context.atMs)) {
    const detail = `The LLM proxy "${name}" accepts no calls at this hour. It accepts them on ${formatHours(allowedHours)}.`;
    return { reason: 'outside_allowed_hours', detail };
  }
  if (requiredHeaders) return findMissingLabel(name, requiredHeaders, context.readLabels());
  return null;
}

function findMissingLabel(
  name: string,
  required: readonly RequiredLabel[],
  labels: ReturnType<EntryContext['readLabels']>,
) {
  const missing = required.filter((label) => labels[label] === null);
  if (missing.length === 0) return null;
  const headers = missing.map((label) => LABEL_HEADERS[label]).join(', ');
  const detail = `Calls to the LLM proxy "${name}" must name their ${missing.join(', ')}. Send ${headers}.`;
  return { reason: 'label_missing', detail };
}

/** Ranges that cannot be parsed admit no address. */
function parseRanges(texts: readonly string[]): readonly AddressRange[] {
  let ranges = parsedRanges.get(texts);
  if (!ranges) {
    ranges = texts.map(parseAddressRange).filter((range) => range !== null);
    parsedRanges.set(texts, ranges);
  }
  return ranges;
}
