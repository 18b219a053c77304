/**
 * Ends a stream that cannot continue, in the grammar that its client reads (wire contract §2, "After the first byte").
 */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { StreamForm } from '../../providers/wire/stream-form.js';
import { isArrayStream } from './form.js';
import type { ClientWriter } from '../client/writer.js';
import type { Exchange } from '../call/llm-call.js';

/**
 * Returns the error event that ends the response; null if its grammar has none, so that the connection must be broken
 * instead.
 */
export function streamErrorEvent(
  exchange: Exchange,
  error: GatewayError,
  client: ClientWriter,
  { form, isComplete }: { form: StreamForm | null; isComplete: boolean },
): Buffer | null {
  const asArray = isArrayStream(exchange, form);
  if (form === null && !asArray) return null;
  const path = exchange.clientPath + (exchange.path.query || (asArray ? '?' : ''));
  const position = { before: client.positionIn(form), isComplete, form };
  return exchange.dialect.renderStreamError(error, exchange.requestId, path, position);
}
