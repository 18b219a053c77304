/** A feature of a client format, on its way to Chat. */
import { GatewayError } from '../../../../src/platform/errors/gateway-error.js';
import type { JsonObject } from '../../../../src/translation/pivot/chat.js';
import type { ClientFormat } from '../../../../src/translation/pivot/translator.js';
import type { Wire } from './chat-feature.js';

export interface ClientFormatFeature {
  name: string;
  /** Members in addition to a plain question. */
  body: JsonObject;
  /** Whether the Chat request keeps the feature. */
  isKept: (wire: Wire) => boolean;
  /** Its name in `dropped`, if different from the member's name. */
  named?: string;
}

export interface ClientFormatColumn {
  title: string;
  plain: JsonObject;
  clientFormat: (body: JsonObject) => ClientFormat;
  features: readonly ClientFormatFeature[];
}

export type ClientFormatFate = { kind: 'kept' | 'dropped' | 'lost' } | { kind: 'refused'; says: string };

export function findClientFormatFate(
  { name: _name, body, isKept, named }: ClientFormatFeature,
  { plain, clientFormat: front }: ClientFormatColumn,
): ClientFormatFate {
  try {
    const { chat, dropped } = front(structuredClone({ ...plain, ...body }));
    const names = named ? [named] : Object.keys(body);
    if (isKept(JSON.stringify(chat))) return { kind: 'kept' };
    return { kind: dropped.some((one) => names.some((each) => one.startsWith(each))) ? 'dropped' : 'lost' };
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'unsupported_parameter')
      return { kind: 'refused', says: error.detail };
    throw error;
  }
}
