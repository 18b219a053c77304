/**
 * References to the messages that replace refused calls. The vendor does not have such a message: if a client leaves
 * its items with the vendor (`item_reference`), the request gets the message itself in place of the reference. Pure.
 */
import { JsonArray, JsonObject, toJsonObject, type JsonNode } from '../../../json/tree.js';

/** Prefix of the ids of messages that replace calls. */
export const REFUSAL_ID = 'msg_refused_';

/** Text of such a message. The original text names the tool and the rule, but the reference does not contain it. */
const TEXT = '[The gateway removed a tool call here, because a rule blocks it. The tool was not run.]';

/** Replaces the references in the `input` of a Responses request. */
export function resolveRefusals(request: JsonObject): void {
  const input = request.get('input');
  if (input instanceof JsonArray) request.set('input', new JsonArray(input.items.map(resolveReference)));
}

function resolveReference(item: JsonNode): JsonNode {
  if (!(item instanceof JsonObject) || !isReference(item)) return item;
  return toJsonObject({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: TEXT }] });
}

/** Whether an item is such a reference. `type` is optional in OpenAI's item references. */
function isReference(item: JsonObject): boolean {
  const isOfType = item.isSet('type') ? item.getText('type') === 'item_reference' : !item.isSet('role');
  return isOfType && item.getText('id')?.startsWith(REFUSAL_ID) === true;
}
