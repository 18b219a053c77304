/**
 * References to the messages that replace refused calls. The vendor has no such message: a client that leaves its items with
 * the vendor (`item_reference`) gets the message itself in place of the reference. Pure.
 */
import { JsonArray, JsonObject, toJsonObject, type JsonNode } from '../../json-tree.js';

/** How the ids of messages begin that replace calls. */
export const REFUSAL_ID = 'msg_refused_';

/** The client refers to a message without its text, which names the tool and the rule. */
const TEXT = '[The gateway removed a tool call here, because a rule blocks it. The tool was not run.]';

/** Changes the `input` of a Responses request. */
export function resolveRefusals(request: JsonObject): void {
  const input = request.get('input');
  if (input instanceof JsonArray) request.set('input', new JsonArray(input.items.map(resolved)));
}

function resolved(item: JsonNode): JsonNode {
  if (!(item instanceof JsonObject) || !isReference(item)) return item;
  return toJsonObject({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: TEXT }] });
}

/** `type` is optional in OpenAI's item references. */
function isReference(item: JsonObject): boolean {
  const isOfType = item.isSet('type') ? item.text('type') === 'item_reference' : !item.isSet('role');
  return isOfType && item.text('id')?.startsWith(REFUSAL_ID) === true;
}
