/** Ids of calls in the form that Anthropic accepts: `^[a-zA-Z0-9_-]+$`. */
import { JsonEdits } from '../../../../providers/json/edits.js';

const FOREIGN = /[^a-zA-Z0-9_-]/g;
const NAME_END = 'id"';

/** Rewrites other vendors' ids with the characters that Anthropic accepts. Different ids stay different. */
export class ToolCallIds {
  readonly #byId = new Map<string, string>();
  readonly #used = new Set<string>();

  get(id: string): string {
    let accepted = this.#byId.get(id);
    if (accepted !== undefined) return accepted;
    const plain = id.replace(FOREIGN, '_');
    accepted = plain;
    for (let n = 2; this.#used.has(accepted); n++) accepted = `${plain}_${n}`;
    this.#byId.set(id, accepted);
    this.#used.add(accepted);
    return accepted;
  }
}

/**
 * Rewrites ids of calls in a Messages request that Anthropic does not accept, as the conversation may have begun with
 * another vendor. Returns the same buffer if there are none.
 * @param body one JSON object, known to be well-formed
 */
export function replaceRejectedIds(body: Buffer): Buffer {
  if (!hasForeignId(body)) return body;
  const edits = new JsonEdits(body);
  const ids = new ToolCallIds();
  for (const message of edits.editObject().getObjects('messages'))
    for (const block of message.getObjects('content')) {
      const name = { tool_use: 'id', tool_result: 'tool_use_id' }[String(block.get('type'))];
      const id = name === undefined ? undefined : block.get(name);
      if (typeof id !== 'string') continue;
      const accepted = ids.get(id);
      if (accepted !== id) block.set(name!, accepted);
    }
  return edits.apply();
}

/**
 * Whether the body may contain such an id. Quotes in texts are escaped, so a bare `id"` ends a name, or a whole text.
 */
function hasForeignId(body: Buffer): boolean {
  for (let at = body.indexOf(NAME_END); at >= 0; at = body.indexOf(NAME_END, at + 1)) {
    let i = at + NAME_END.length;
    while (isSpace(body[i])) i++;
    if (body[i] !== 0x3a) continue;
    do i++;
    while (isSpace(body[i]));
    if (body[i] !== 0x22) continue;
    do i++;
    while (isAccepted(body[i]));
    if (body[i] !== 0x22) return true;
  }
  return false;
}

const isSpace = (c = 0): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;

const isAccepted = (c = 0): boolean =>
  (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39) || c === 0x5f || c === 0x2d;
