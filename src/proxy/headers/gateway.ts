/** Headers that the gateway adds to a response. Flat name, value …; names in lower case. */
import type { Exchange } from '../call/llm-call.js';

const NONE: readonly string[] = [];

/** Longer model names are left out of the head. Clients and reverse proxies reject heads beyond 4 to 16 KiB. */
const MAX_MODEL_CHARS = 256;

export function headersOfOurs(exchange: Exchange): string[] {
  const headers = [
    'x-request-id',
    exchange.requestId,
    'request-id',
    exchange.requestId,
    'x-gateway-provider',
    exchange.adapter!.id,
    'server-timing',
    serverTiming(exchange),
  ];
  const model = exchange.reading?.servedModel ?? exchange.requestedModel;
  if (model && model.length <= MAX_MODEL_CHARS && /^[\x21-\x7e]+$/.test(model)) headers.push('x-gateway-model', model);
  if (exchange.costMicroUsd !== null) headers.push('x-gateway-cost-usd', (exchange.costMicroUsd / 1e6).toFixed(9));
  headers.push(...routeHeaders(exchange));
  const guardrails = exchange.screening?.names;
  if (guardrails?.size) headers.push('x-gateway-guardrails', boundedList([...guardrails]));
  headers.push(...exchange.request.corsHeaders);
  return headers;
}

/** Limits for values that the client chose: a request can contain many and long ones. */
const MAX_WORD_CHARS = 100;
const MAX_LIST_CHARS = 1_024;

const headerWord = (text: string): string => text.slice(0, MAX_WORD_CHARS).replace(/[^\x21-\x7e]|[,;"\\]/g, '_');

/**
 * Returns the words as a list (RFC 9110 §5.6.1) of at most `MAX_LIST_CHARS`; the last element counts the words that do
 * not fit.
 */
function boundedList(words: readonly string[]): string {
  let list = '';
  for (const [i, word] of words.entries()) {
    const next = list === '' ? word : `${list}, ${word}`;
    if (next.length > MAX_LIST_CHARS) return `${list}, and_${words.length - i}_more`;
    list = next;
  }
  return list;
}

/** Returns headers with the members left out of the request and the targets tried (RFC 8941 lists). */
export function routeHeaders({ route, target, dropped: removed }: Exchange): readonly string[] {
  const dropped = [...(target?.dropped ?? removed), ...(target?.translation?.lost ?? [])];
  if (!route && dropped.length === 0) return NONE;
  const headers: string[] = [];
  // Names come from the client: characters that a header cannot hold are replaced and long names cut.
  if (dropped.length > 0) headers.push('x-gateway-dropped', boundedList(dropped.map(headerWord)));
  if (!route) return headers;
  const attempts = route.attempts.map(({ model, status, errorCode }) => {
    return `${headerWord(model)};${status === null ? `error=${errorCode ?? 'none'}` : `status=${status}`}`;
  });
  if (attempts.length > 0) headers.push('x-gateway-attempts', boundedList(attempts));
  return headers;
}

/** Value of `Server-Timing` (W3C): milliseconds per step. */
function serverTiming(exchange: Exchange): string {
  const auth = exchange.request.authMs ?? 0;
  const limit = exchange.limitMs;
  const resolve = exchange.resolvedMs - exchange.startedMs - limit;
  const upstream = exchange.headMs - exchange.resolvedMs;
  const ours = `auth;dur=${hundredths(auth)}, limit;dur=${hundredths(limit)}, resolve;dur=${hundredths(resolve)}`;
  return `${ours}, upstream;dur=${hundredths(upstream)}`;
}

/**
 * Rounds to two decimal places. `toFixed` would do exact arithmetic on the binary fraction, which is not needed here.
 */
const hundredths = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
