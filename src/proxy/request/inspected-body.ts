/** Reads the body of a call on a provider route: its facts, and the form in which it may be sent. */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OperationClass } from '../../providers/contract/provider-adapter.js';
import { removeReplay } from '../../providers/replay/removal.js';
import type { LlmCall } from '../call/llm-call.js';
import { sendContinueIfExpected, EMPTY_BODY, hasBody, isUpload, type RequestBodies } from './body.js';

/**
 * Bodies of these operations are JSON regardless of their declared type: a lenient provider would read one, so it is
 * screened.
 */
const JSON_CLASSES: ReadonlySet<OperationClass> = new Set(['inference', 'token_counting']);

/** Returns the body as it will be sent, and sets its facts on the call; null for an upload that is streamed through. */
export function readRequest(call: LlmCall, bodies: RequestBodies): Buffer | null | Promise<Buffer> {
  const { raw } = call.request;
  if (!hasBody(raw)) return inspectBody(call, EMPTY_BODY);
  if (isUpload(raw) && !isJsonOperation(call)) {
    bodies.checkDeclaredLength(raw);
    sendContinueIfExpected(raw, call.response);
    return null;
  }
  const read = bodies.read(raw, call.response, call);
  return read instanceof Promise ? read.then((body) => inspectBody(call, body)) : inspectBody(call, read);
}

function inspectBody(call: LlmCall, original: Buffer): Buffer {
  if (original.length === 0 && isJsonOperation(call)) throw createBodyMissingError();
  const cleaned = removeReplay(original, call.adapter!.id);
  const body = call.dialect.addDefaultModel?.(cleaned.body, call.vendorPath) ?? cleaned.body;
  call.dropped = cleaned.dropped;
  call.info = call.dialect.inspect(body, call.vendorPath);
  call.claimedSession = call.info.claimedSession;
  call.usageInjected = call.info.usageToInject && call.adapter!.takesStreamOptions;
  return call.usageInjected ? call.dialect.requestStreamUsage(body) : body;
}

const isJsonOperation = ({ operation }: LlmCall): boolean => JSON_CLASSES.has(operation!.rule.class);

const createBodyMissingError = (): GatewayError =>
  new GatewayError('invalid_body', 'The request has no body. Send the request as a JSON object.');
