/**
 * Removes the gateway's own replay data from a body that is otherwise sent to a vendor as the client wrote it. Marks
 * identify it at any position, so every request of every dialect is covered, including a batch of requests.
 */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { JsonEdits, type JsonObjectEditor } from '../json/edits.js';
import { MemberKeys, scanBody } from '../json/members.js';
import { skipSpace } from '../json/text.js';
import { isReplay, mayHoldReplay, ORIGIN_MEMBER, readMarkedId } from './marks.js';

export interface CleanedBody {
  readonly body: Buffer;
  /** Removed members, as named in `x-gateway-dropped`. */
  readonly dropped: readonly string[];
}

const UNCHANGED: readonly string[] = [];

/**
 * Members with callers' own words or schemas: they contain nothing of the gateway's. `input` is a list in Responses.
 */
const OPAQUE: ReadonlySet<string> = new Set(['input', 'arguments', 'parameters', 'input_schema', 'metadata', 'schema']);

const NO_KEYS = new MemberKeys();
const OPEN_BRACE = 0x7b;

/**
 * Removes replay data from a body.
 * @param body stays unchanged if it is not a JSON object
 * @param origin whose own data is sent back without the mark
 * @returns the same buffer if nothing was removed
 * @throws GatewayError `invalid_body` for a JSON object with a fault
 */
export function removeReplay(body: Buffer, origin: string): CleanedBody {
  if (!mayHoldReplay(body) || body[skipSpace(body, 0)] !== OPEN_BRACE) return { body, dropped: UNCHANGED };
  scanBody(body, NO_KEYS);
  const edits = new JsonEdits(body);
  const removal = new ReplayRemoval(origin);
  try {
    removal.visit(edits.editObject());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new GatewayError('invalid_body', 'The request body cannot be used: a string in it is not valid JSON.', {
      cause,
    });
  }
  return { body: edits.apply(), dropped: [...removal.dropped] };
}

class ReplayRemoval {
  readonly dropped = new Set<string>();
  #removals = 0;

  constructor(private readonly origin: string) {}

  /** Cleans an object. Returns true if it is a message without remaining content. */
  visit(object: JsonObjectEditor): boolean {
    let isEmptied = false;
    for (const name of object.listNames()) {
      const inner = object.getObject(name);
      if (inner) {
        if (name === 'extra_content') this.#cleanExtraContent(object, inner);
        else if (!OPAQUE.has(name)) this.visit(inner);
        continue;
      }
      if (OPAQUE.has(name) && name !== 'input') continue;
      const before = this.#removals;
      const elements = object.getObjects(name);
      const remaining = elements.filter((element) => !this.#remove(element));
      if (this.#removals === before) continue;
      if (name === 'messages') this.#endThinking(object, remaining);
      if (remaining.length > 0) continue;
      if (name === 'reasoning_details') object.delete(name);
      else if (name === 'content' && object.get('role') === 'assistant') isEmptied = true;
    }
    return isEmptied;
  }

  #remove(element: JsonObjectEditor): boolean {
    const isRemoved = this.#isForeign(element) || this.visit(element);
    if (!isRemoved) return false;
    element.remove();
    this.#removals++;
    return true;
  }

  #isForeign(element: JsonObjectEditor): boolean {
    const type = element.get('type');
    if (typeof type !== 'string') return false;
    if (type === 'thinking' || type === 'redacted_thinking') {
      if (!isReplay(element.get(type === 'thinking' ? 'signature' : 'data'))) return false;
      this.dropped.add(`content[].${type}`);
      return true;
    }
    if (isReplay(element.get('encrypted_content'))) {
      this.dropped.add(`input.${type}`);
      return true;
    }
    return type.startsWith('reasoning.') && this.#isForeignDetail(element);
  }

  #isForeignDetail(detail: JsonObjectEditor): boolean {
    const marked = readMarkedId(detail.get('id'));
    if (marked?.origin === this.origin) {
      if (marked?.id === undefined) detail.delete('id');
      else detail.set('id', marked.id);
      return false;
    }
    if (!marked && !isReplay(detail.get('signature')) && !isReplay(detail.get('data'))) return false;
    this.dropped.add('messages[].reasoning_details');
    return true;
  }

  #cleanExtraContent(call: JsonObjectEditor, extra: JsonObjectEditor): void {
    const marked = readMarkedId(extra.get(ORIGIN_MEMBER));
    if (!marked) return;
    if (marked.origin === this.origin) return extra.delete(ORIGIN_MEMBER);
    call.delete('extra_content');
    this.dropped.add('messages[].tool_calls[].extra_content');
  }

  /**
   * With a budget for thinking, Anthropic refuses a last assistant message that calls tools, or that is to be
   * continued, and does not begin with thinking (platform.claude.com/docs/en/build-with-claude/extended-thinking). If
   * the removed thinking was another vendor's, thinking is disabled for the request.
   */
  #endThinking(request: JsonObjectEditor, messages: readonly JsonObjectEditor[]): void {
    if (request.getObject('thinking')?.get('type') !== 'enabled') return;
    const last = messages.findLast((message) => message.get('role') === 'assistant');
    if (!last) return;
    const types = last
      .getObjects('content')
      .filter(isRemaining)
      .map((block) => block.get('type'));
    const needsThinking = last === messages.at(-1) || types.includes('tool_use');
    if (!needsThinking || types[0] === 'thinking' || types[0] === 'redacted_thinking') return;
    request.delete('thinking');
    this.dropped.add('thinking');
    // only valid together with thinking
    const context = request.getObject('context_management');
    for (const edit of context?.getObjects('edits') ?? [])
      if (String(edit.get('type')).startsWith('clear_thinking')) edit.remove();
  }
}

/** `getObjects` lists removed elements as well. */
const isRemaining = (block: JsonObjectEditor): boolean =>
  !isReplay(block.get('signature')) && !isReplay(block.get('data'));
