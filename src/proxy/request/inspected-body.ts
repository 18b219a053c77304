/** Reads the body of a call on a provider route: its facts, and the form in which it may be sent. */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OperationClass } from '../../providers/contract/provider-adapter.js';
import { withoutReplay } from '../../providers/replay/removal.js';
import type { Exchange } from '../call/llm-call.js';
import { continueIfAsked, EMPTY_BODY, hasBody, isUpload, type RequestBodies } from './body.js';

/**
 * Bodies of these operations are JSON regardless of their declared type: a lenient provider would read one, so it is
 * screened.
 */
const TAKES_JSON: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

/** Returns the body as it will be sent, and sets its facts on the call; null for an upload that is streamed through. */
export function readRequest(exchange: Exchange, bodies: RequestBodies): Buffer | null | Promise<Buffer> {
  const { raw } = exchange.request;
  if (!hasBody(raw)) return inspected(exchange, EMPTY_BODY);
  if (isUpload(raw) && !takesJson(exchange)) {
    bodies.checkDeclaredLength(raw);
    continueIfAsked(raw, exchange.response);
    return null;
  }
  const read = bodies.read(raw, exchange.response, exchange);
  return read instanceof Promise ? read.then((body) => inspected(exchange, body)) : inspected(exchange, read);
}

function inspected(exchange: Exchange, asked: Buffer): Buffer {
  if (asked.length === 0 && takesJson(exchange)) throw bodyMissing();
  const cleaned = withoutReplay(asked, exchange.adapter!.id);
  const body = exchange.dialect.withDefaultModel?.(cleaned.body, exchange.vendorPath) ?? cleaned.body;
  exchange.dropped = cleaned.dropped;
  exchange.facts = exchange.dialect.inspect(body, exchange.vendorPath);
  exchange.claimedSession = exchange.facts.claimedSession;
  exchange.usageInjected = exchange.facts.usageToInject && exchange.adapter!.takesStreamOptions;
  return exchange.usageInjected ? exchange.dialect.withStreamUsage(body) : body;
}

const takesJson = ({ operation }: Exchange): boolean => TAKES_JSON.has(operation!.rule.class);

const bodyMissing = (): GatewayError =>
  new GatewayError('invalid_body', 'The request has no body. Send the request as a JSON object.');
