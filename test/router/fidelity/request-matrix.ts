/** What becomes of each feature at each vendor. */
import { GatewayError } from '../../../src/platform/errors/gateway-error.js';
import type { ChatRequest } from '../../../src/router/translation/chat.js';
import { type ChatFeature, PLAIN, type Wire } from './chat-feature.js';
import { requestTo, type VendorColumn } from './vendor-columns.js';

export type Fate =
  | { kind: 'kept'; wire: Wire }
  /** The vendor's request says what comes nearest to it, and it is named as dropped. */
  | { kind: 'nearest'; wire: Wire }
  | { kind: 'dropped' }
  /** `says`: the error's own words. */
  | { kind: 'refused'; says: string }
  /** In silence: what must not be. */
  | { kind: 'lost' };

/** Members that many features need, to have something to be set off from. */
const SETTING = new Set(['messages', 'tools']);

export function fateOf(feature: ChatFeature, column: VendorColumn): Fate {
  const members = typeof feature.chat === 'function' ? feature.chat(column) : feature.chat;
  const chat: ChatRequest = { ...PLAIN, ...members };
  const names = feature.named ? [feature.named] : Object.keys(members).filter((name) => !SETTING.has(name));
  try {
    const { path, body, dropped } = requestTo(column, chat);
    const plain = JSON.stringify(requestTo(column, PLAIN).body);
    const wire = JSON.stringify({ path, ...body });
    const isKept = feature.isKept(wire, { column, plain });
    const isNamed = dropped.some((one) => names.some((name) => one === name || one.startsWith(`${name}.`)));
    if (isKept) return { kind: isNamed ? 'nearest' : 'kept', wire };
    return { kind: isNamed ? 'dropped' : 'lost' };
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'unsupported_parameter')
      return { kind: 'refused', says: error.detail };
    throw error;
  }
}
