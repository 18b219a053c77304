import { parseExactObject } from '../../../../providers/json/exact.js';
import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import type { JsonObject, ToolCall } from '../../../pivot/chat.js';
import type { ModelFamily } from '../models.js';

/** AWS's pattern for toolUseId. */
const ALLOWED = /^[A-Za-z0-9_-]{1,64}$/;
/** Mistral's models require nine letters or digits. */
const ALLOWED_BY_MISTRAL = /^[A-Za-z0-9]{9}$/;

/** Ids of calls as AWS accepts them. Renames unacceptable ids from elsewhere; the same id always gets the same name. */
export class ToolUseIds {
  readonly #renamed = new Map<string, string>();
  readonly #allowed: RegExp;

  constructor(family: ModelFamily) {
    this.#allowed = family === 'mistral' ? ALLOWED_BY_MISTRAL : ALLOWED;
  }

  get(id: string): string {
    if (this.#allowed.test(id)) return id;
    let renamed = this.#renamed.get(id);
    if (renamed === undefined)
      this.#renamed.set(id, (renamed = `call${String(this.#renamed.size + 1).padStart(5, '0')}`));
    return renamed;
  }
}

/** Returns the arguments of a call as an object. Throws `invalid_body` if the text is not a JSON object. */
export function parseCallArguments(call: ToolCall, path: string): JsonObject {
  const text = call.function.arguments;
  if (text === '' || text === undefined) return {};
  const value = parseExactObject(text);
  if (!value) throw createInvalidBodyError(`${path}.function.arguments`, 'a JSON object, written as a string');
  return value;
}
