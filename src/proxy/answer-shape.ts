/** In what form an answer comes, where its head does not say. */
import type { Exchange } from './exchange.js';

/** RFC 9110 §6.4.1. Of what has no content no length is told: it would be zero, and wrong. */
export const hasContent = ({ request }: Exchange, status: number): boolean =>
  request.raw.method !== 'HEAD' && status !== 204 && status !== 304;

/** Gemini streams a JSON array unless it is asked for events. */
export const isArrayStream = ({ dialect, facts, status }: Exchange, isEventStream: boolean): boolean =>
  dialect.id === 'gemini' && facts.streaming && !isEventStream && status < 300;
