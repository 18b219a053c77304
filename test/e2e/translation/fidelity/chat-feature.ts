/** A feature of Chat: a request that uses it, and how the vendor's request shows it. */
import type { ChatMessage, ChatRequest, ChatTool, JsonObject } from '../../../../src/translation/pivot/chat.js';
import type { VendorColumn } from './vendor-columns.js';

/** The vendor's request as JSON. */
export type Wire = string;

export interface ChatFeature {
  name: string;
  /** Members in addition to a plain question. With a function, as this vendor's client would send it. */
  chat: Partial<ChatRequest> | ((column: VendorColumn) => Partial<ChatRequest>);
  /** Whether the vendor's request keeps the feature. `plain` is the same request without it. */
  isKept: (wire: Wire, about: { column: VendorColumn; plain: Wire }) => boolean;
  /** Its name in `dropped`; by default the members' own names. */
  named?: string;
  /** How the vendor's request expresses it, if noteworthy. */
  note?: (wire: Wire, column: VendorColumn) => string;
}

export const PLAIN: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Which tide?' }] };

/** Whether the vendor's request contains all of these texts. */
export const holds =
  (...texts: readonly string[]) =>
  (wire: Wire): boolean =>
    texts.every((text) => wire.includes(text));

export const matches =
  (pattern: RegExp) =>
  (wire: Wire): boolean =>
    pattern.test(wire);

/** Matches any form of a request for thinking. */
export const THINKING = /thinking(?:Config)?":\{|reasoningConfig":\{|reasoning_effort|output_config":\{"effort/;

/** Messages after the question. */
export const after = (...messages: ChatMessage[]): Partial<ChatRequest> => ({
  messages: [...PLAIN.messages, ...messages],
});

/** A question of these parts. */
export const parts = (...content: JsonObject[]): Partial<ChatRequest> => ({
  messages: [{ role: 'user', content: content as never }],
});

export const tool = (name: string, more: JsonObject = {}): ChatTool => ({
  type: 'function',
  function: {
    name,
    description: `Tells the ${name}`,
    parameters: {
      type: 'object',
      properties: { town: { type: 'string' } },
      required: ['town'],
      additionalProperties: false,
    },
    ...more,
  },
});
