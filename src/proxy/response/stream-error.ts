/**
 * Ends a stream that cannot continue, in the grammar that its client reads (errors after the first byte).
 */
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { StreamForm } from '../../providers/wire/stream-form.js';
import { isArrayStream } from './form.js';
import type { ClientWriter } from '../client/writer.js';
import type { LlmCall } from '../call/llm-call.js';

/**
 * Returns the error event that ends the response; null if its grammar has none, so that the connection must be broken
 * instead.
 */
export function renderStreamErrorEvent(
  call: LlmCall,
  error: GatewayError,
  client: ClientWriter,
  { form, isComplete }: { form: StreamForm | null; isComplete: boolean },
): Buffer | null {
  const asArray = isArrayStream(call, form);
  if (form === null && !asArray) return null;
  const path = call.clientPath + (call.path.query || (asArray ? '?' : ''));
  const position = { before: client.getPosition(form), isComplete, form };
  return call.dialect.renderStreamError(error, call.requestId, path, position);
}
