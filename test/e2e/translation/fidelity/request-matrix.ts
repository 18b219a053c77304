/** The translation of each feature for each vendor. */
import { GatewayError } from '../../../../src/platform/errors/gateway-error.js';
import type { ChatRequest } from '../../../../src/translation/pivot/chat.js';
import { type ChatFeature, PLAIN, type Wire } from './chat-feature.js';
import { requestTo, type VendorColumn } from './vendor-columns.js';

export type Fate =
  | { kind: 'kept'; wire: Wire }
  /** The vendor's request has the nearest equivalent, and the feature is named as dropped. */
  | { kind: 'nearest'; wire: Wire }
  | { kind: 'dropped' }
  /** `says`: the error's own message. */
  | { kind: 'refused'; says: string }
  /** Lost silently: must not occur. */
  | { kind: 'lost' };

/** Members that many features need as a context. */
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
