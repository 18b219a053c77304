/**
 * The tool calls of one LLM call: offers, calls, and whether results of tools are trusted. One instance per LLM call,
 * if the LLM proxy has rules for tool calls.
 */
import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import { scanBody, toInvalidBody } from '../../../providers/json/members.js';
import { JsonFault, skipSpace } from '../../../providers/json/text.js';
import { JsonObject, parseJsonSequence, parseJsonTree, writeJsonTree } from '../../../providers/json/tree.js';
import type {
  RequestTools,
  ToolCall,
  ToolCallGrammar,
  ToolOffer,
  ToolStep,
} from '../../../providers/dialects/tool-calls/grammar.js';
import type { Decisions } from '../text/decisions.js';
import {
  createCallBlockedError,
  createCallsUnreadableError,
  createOfferBlockedError,
  buildRefusalText,
} from './refusal-text.js';
import type { Block, ToolCallRules } from './rules.js';

const OPEN_BRACE = 0x7b;
/** JSON, or events under the head of another kind. */
const IS_STRUCTURED = /^\ufeff?\s*[{[]|^\ufeff?\s*(?:data|event|id|retry)?:/;
/** A name that is written with escapes cannot be found by a search in the text. */
const ESCAPE = '\\u';
const ASCII_ESCAPE = '\\u00';

export class ToolCallGuardrails {
  /** True until a request shows the conversation, because parts of it may be elsewhere. */
  #isUntrusted = true;
  readonly #refusals = new Map<ToolCall, string>();
  readonly #reported = new Set<string>();

  constructor(
    private readonly rules: ToolCallRules,
    private readonly decisions: Decisions,
  ) {}

  /**
   * Returns the request without blocked offers and without references to refusals; the same bytes if there are none.
   * `path` as for `Dialect.inspect`. Throws `guardrail_blocked`, or `invalid_body` for offers that cannot be read
   * unambiguously.
   */
  checkRequest(original: Buffer, { request: tools }: ToolCallGrammar, path: string): Buffer {
    if (original[skipSpace(original, 0)] !== OPEN_BRACE) return original;
    try {
      const body = resolveRefusals(original, tools);
      const request = this.#readRequest(body, tools);
      if (this.rules.dependsOnTrust) this.#isUntrusted = this.#hasUntrustedResults(tools, request, path);
      const offers = tools.readOffers(request);
      if (!offers.some((offer) => this.#checkOffer(offer))) return body;
      return this.#removeOffers(body, tools, path);
    } catch (error) {
      throw toInvalidBody(error);
    }
  }

  /**
   * Checks calls against the rules, in order. Returns the error of the response if a call is blocked and `onBlock` is
   * `error`; else null.
   */
  check(steps: readonly ToolStep[]): GatewayError | null {
    for (const step of steps) {
      if (step.kind === 'result') {
        this.#isUntrusted ||= !this.rules.isTrusted(step.names);
        continue;
      }
      const block = this.rules.checkCall(step.names, step.input, this.#isUntrusted);
      if (!block) continue;
      this.#record('answer', step.pointer, block);
      if (this.rules.onBlock === 'error') return createCallBlockedError(step, block);
      this.#refusals.set(step, buildRefusalText(step, block));
    }
    return null;
  }

  /** Returns the text that replaces a call; null if the call stays. */
  readonly getRefusal = (call: ToolCall): string | null => this.#refusals.get(call) ?? null;

  get hasRefusals(): boolean {
    return this.#refusals.size > 0;
  }

  /** Returns a whole response without refused calls; the same bytes if there are none. Throws `guardrail_blocked`. */
  checkResponse(body: Buffer, grammar: ToolCallGrammar): Buffer {
    const text = body.toString('utf8');
    if (!mayContainCalls(text, grammar) || !IS_STRUCTURED.test(text)) return body;
    try {
      const documents = parseJsonSequence(text);
      let isChanged = false;
      for (const document of documents)
        if (document instanceof JsonObject) isChanged = this.#checkDocument(document, grammar) || isChanged;
      return isChanged ? Buffer.from(documents.map(writeJsonTree).join('\n')) : body;
    } catch (error) {
      if (error instanceof JsonFault) throw createCallsUnreadableError();
      throw error;
    }
  }

  /** Returns whether anything was changed. */
  #checkDocument(document: JsonObject, grammar: ToolCallGrammar): boolean {
    const reading = grammar.readResponse(document);
    const before = this.#refusals.size;
    const error = this.check(reading.steps);
    if (error) throw error;
    if (this.#refusals.size === before) return false;
    reading.refuse(this.getRefusal);
    return true;
  }

  /** Parses the request, or only the part of it that contains the offers. */
  #readRequest(body: Buffer, { members, elsewhere }: RequestTools): JsonObject {
    const { values } = scanBody(body, members);
    if (
      this.rules.dependsOnTrust ||
      (elsewhere.length > 0 && [...elsewhere, ASCII_ESCAPE].some((marker) => body.includes(marker)))
    )
      return parseRequest(body);
    return new JsonObject(
      members.names.flatMap((name, i) => {
        const span = values[i];
        if (!span) return [];
        return [{ name, raw: JSON.stringify(name), value: parseJsonTree(body.toString('utf8', span.start, span.end)) }];
      }),
    );
  }

  #hasUntrustedResults(tools: RequestTools, request: JsonObject, path: string): boolean {
    const { results, isHidden } = tools.readHistory(request, path);
    return isHidden || results.some((names) => !this.rules.isTrusted(names));
  }

  #checkOffer({ names }: ToolOffer): Block | null {
    return this.rules.checkOffer(names, this.#isUntrusted);
  }

  #removeOffers(body: Buffer, tools: RequestTools, path: string): Buffer {
    const request = parseRequest(body);
    const offers = tools.readOffers(request);
    const blocked = offers.filter((offer) => this.#checkOffer(offer) !== null);
    for (const offer of blocked) {
      const block = this.#checkOffer(offer)!;
      this.#record('request', offer.pointer, block);
      if (this.rules.onBlock === 'error') throw createOfferBlockedError(offer, block);
    }
    const removed =
      blocked.length < offers.length || !hasToolResults(tools, request, path) ? blocked : blocked.filter(isExecuted);
    if (removed.length === 0) return body;
    for (const offer of removed) offer.remove();
    tools.settle(request, removed);
    return Buffer.from(writeJsonTree(request));
  }

  /** Records each position once: streams repeat earlier items. */
  #record(on: 'request' | 'answer', pointer: string, { guardrail, reason }: Block): void {
    const position = `${on} ${pointer} ${guardrail} ${reason}`;
    if (this.#reported.has(position)) return;
    this.#reported.add(position);
    const reasonField = reason === null ? {} : { reason };
    this.decisions.add({ guardrail, action: 'block', on, pointer, offset: 0, length: 0, ...reasonField });
    if (this.rules.onBlock === 'refuse') this.decisions.names.add(guardrail);
  }
}

/** Returns the request with messages in place of references to refusals; the same bytes if there are none. */
function resolveRefusals(body: Buffer, { refusals }: RequestTools): Buffer {
  if (!refusals || !body.includes(refusals.mark)) return body;
  const request = parseRequest(body);
  refusals.resolve(request);
  return Buffer.from(writeJsonTree(request));
}

/** Whether a document or an event must be parsed. */
export const mayContainCalls = (text: string, { marks }: ToolCallGrammar): boolean =>
  marks.test(text) || text.includes(ESCAPE);

const isExecuted = (offer: ToolOffer): boolean => offer.isExecuted;

/**
 * Whether the conversation contains results of tools. Vendors (Bedrock, Anthropic) accept those only beside offers.
 * Then the last offers stay, and their calls are refused.
 */
const hasToolResults = (tools: RequestTools, request: JsonObject, path: string): boolean =>
  tools.readHistory(request, path).results.length > 0;

function parseRequest(body: Buffer): JsonObject {
  return parseJsonTree(body.toString('utf8')) as JsonObject;
}
