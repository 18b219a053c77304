/** Headers that the gateway adds to a response. Flat name, value …; names in lower case. */
import type { LlmCall } from '../call/llm-call.js';

const NONE: readonly string[] = [];

/** Longer model names are left out of the head. Clients and reverse proxies reject heads beyond 4 to 16 KiB. */
const MAX_MODEL_CHARS = 256;

export function buildGatewayHeaders(call: LlmCall): string[] {
  const headers = [
    'x-request-id',
    call.requestId,
    'request-id',
    call.requestId,
    'x-gateway-provider',
    call.adapter!.id,
    'server-timing',
    formatServerTiming(call),
  ];
  const model = call.reading?.servedModel ?? call.requestedModel;
  if (model && model.length <= MAX_MODEL_CHARS && /^[\x21-\x7e]+$/.test(model)) headers.push('x-gateway-model', model);
  if (call.costMicroUsd !== null) headers.push('x-gateway-cost-usd', (call.costMicroUsd / 1e6).toFixed(9));
  headers.push(...buildRouteHeaders(call));
  const guardrails = call.guardrails?.names;
  if (guardrails?.size) headers.push('x-gateway-guardrails', joinBounded([...guardrails]));
  headers.push(...call.request.corsHeaders);
  return headers;
}

/** Limits for values that the client chose: a request can contain many and long ones. */
const MAX_WORD_CHARS = 100;
const MAX_LIST_CHARS = 1_024;

const sanitizeHeaderWord = (text: string): string =>
  text.slice(0, MAX_WORD_CHARS).replace(/[^\x21-\x7e]|[,;"\\]/g, '_');

/**
 * Returns the words as a list (RFC 9110 §5.6.1) of at most `MAX_LIST_CHARS`; the last element counts the words that do
 * not fit.
 */
function joinBounded(words: readonly string[]): string {
  let list = '';
  for (const [i, word] of words.entries()) {
    const next = list === '' ? word : `${list}, ${word}`;
    if (next.length > MAX_LIST_CHARS) return `${list}, and_${words.length - i}_more`;
    list = next;
  }
  return list;
}

/** Returns headers with the members left out of the request and the targets tried (RFC 8941 lists). */
export function buildRouteHeaders({ route, target, dropped: removed }: LlmCall): readonly string[] {
  const dropped = [...(target?.dropped ?? removed), ...(target?.translation?.lost ?? [])];
  if (!route && dropped.length === 0) return NONE;
  const headers: string[] = [];
  // Names come from the client: characters that a header cannot hold are replaced and long names cut.
  if (dropped.length > 0) headers.push('x-gateway-dropped', joinBounded(dropped.map(sanitizeHeaderWord)));
  if (!route) return headers;
  const attempts = route.attempts.map(({ model, status, errorCode }) => {
    return `${sanitizeHeaderWord(model)};${status === null ? `error=${errorCode ?? 'none'}` : `status=${status}`}`;
  });
  if (attempts.length > 0) headers.push('x-gateway-attempts', joinBounded(attempts));
  return headers;
}

/** Value of `Server-Timing` (W3C): milliseconds per step. */
function formatServerTiming(call: LlmCall): string {
  const auth = call.request.authMs ?? 0;
  const limit = call.limitMs;
  const resolve = call.resolvedAtMs - call.startedAtMs - limit;
  const upstream = call.headAtMs - call.resolvedAtMs;
  const gateway = `auth;dur=${roundToHundredths(auth)}, limit;dur=${roundToHundredths(limit)}, resolve;dur=${roundToHundredths(resolve)}`;
  return `${gateway}, upstream;dur=${roundToHundredths(upstream)}`;
}

/**
 * Rounds to two decimal places. `toFixed` would do exact arithmetic on the binary fraction, which is not needed here.
 */
const roundToHundredths = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
