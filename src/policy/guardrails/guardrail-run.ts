/** The guardrails of one call, with their decisions so far. One instance per call, if the proxy has guardrails. */
import { isUtf8 } from 'node:buffer';
import type { LlmProxyPolicy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import type { ToolCallGrammar } from '../../providers/dialects/tool-calls/grammar.js';
import { getResponseKind, type ResponseTraits } from './response-kind.js';
import {
  createResponseBlockedError,
  Decisions,
  createUncheckableError,
  createRequestBlockedError,
} from './text/decisions.js';
import { applyRulesToDocument } from './text/document-rules.js';
import { compileGuardrails, type GuardrailSet } from './text/guardrail-set.js';
import {
  createWebhookEventStream,
  createWebhookFrameStream,
  type WebhookGuardrailStream,
  type CheckTexts,
} from './webhook/guarded-stream.js';
import { FrameStreamGuardrails } from './streams/frame-guardrails.js';
import { TextStreamGuardrails } from './streams/text-guardrails.js';
import { ToolCallGuardrails } from './tool-calls/guardrails.js';
import { FrameToolCallStream, TextToolCallStream, type ToolCallStream } from './tool-calls/streams.js';
import { compileToolCallRules } from './tool-calls/rules.js';
import type { StreamListener } from './streams/event-queue.js';
import type { StreamGuardrails } from './streams/guardrails.js';
import { WebhookGuardrailRun, type WebhookContext } from './webhook/run.js';
import { removeLogprobs } from './text/log-probabilities.js';

const NO_GUARDRAILS: GuardrailSet = { request: [], response: [], webhook: null };

export class GuardrailRun {
  readonly #decisions = new Decisions();

  /** Checks tool calls, before texts are checked; null without rules for tool calls. */
  readonly toolCalls: ToolCallGuardrails | null;

  readonly #webhook: WebhookGuardrailRun | null;

  private constructor(
    private readonly set: GuardrailSet,
    policy: LlmProxyPolicy,
    createWebhookContext: (() => WebhookContext) | null,
  ) {
    const rules = compileToolCallRules(policy.toolCalls);
    this.toolCalls = rules && new ToolCallGuardrails(rules, this.#decisions);
    this.#webhook =
      set.webhook &&
      createWebhookContext &&
      new WebhookGuardrailRun(set.webhook, createWebhookContext(), this.#decisions);
  }

  /** Returns null if the policy has no guardrails. `asking` serves the webhook guardrail, if the policy has one. */
  static create(
    policy: LlmProxyPolicy,
    createWebhookContext: (() => WebhookContext) | null = null,
  ): GuardrailRun | null {
    const set = compileGuardrails(policy);
    if (!set && !compileToolCallRules(policy.toolCalls)) return null;
    return new GuardrailRun(set ?? NO_GUARDRAILS, policy, createWebhookContext);
  }

  get decisions(): Decisions['recorded'] {
    return this.#decisions.recorded;
  }

  /** Names of the rules that flagged, redacted or refused a call so far. */
  get names(): ReadonlySet<string> {
    return this.#decisions.names;
  }

  get hasResponseChecks(): boolean {
    return this.toolCalls !== null || this.#hasTextChecks;
  }

  get #hasTextChecks(): boolean {
    return this.set.response.length > 0 || this.#hasWebhook('answer');
  }

  /**
   * Returns the request that may be sent, synchronously unless a webhook is asked. Throws or rejects with
   * `guardrail_blocked`.
   */
  checkRequest(body: Buffer): Buffer | Promise<Buffer> {
    if (body.length === 0) return body;
    const checked = this.#applyRulesToRequest(body);
    return this.#hasWebhook('request') ? this.#webhook!.checkDocument('request', checked) : checked;
  }

  #applyRulesToRequest(body: Buffer): Buffer {
    if (this.set.request.length === 0) return body;
    return applyRulesToDocument(body, this.set.request, (match, pointer) => {
      this.#decisions.addMatch('request', pointer, match);
      if (match.rule.action === 'block') throw createRequestBlockedError(match, pointer);
    });
  }

  /**
   * Returns a whole response that may be shown, synchronously unless a webhook is asked. Throws or rejects with
   * `guardrail_blocked`.
   */
  checkResponse(body: Buffer): Buffer | Promise<Buffer> {
    const checked = this.#applyRulesToResponse(body);
    return this.#hasWebhook('answer') ? this.#webhook!.checkDocument('answer', checked) : checked;
  }

  #applyRulesToResponse(body: Buffer): Buffer {
    if (this.set.response.length === 0) return body;
    const checked = applyRulesToDocument(body, this.set.response, (match, pointer) => {
      this.#decisions.addMatch('answer', pointer, match);
      if (match.rule.action === 'block') throw createResponseBlockedError(match);
    });
    return checked === body || !isUtf8(checked) ? checked : Buffer.from(removeLogprobs(checked.toString()));
  }

  /**
   * Decides how the text of a response is checked: as a whole (by `checkResponse`), piece by piece, or not at all (null),
   * because it holds no text or no guardrail reads it. Throws `guardrail_blocked` for a response that cannot be read.
   */
  createStreamGuardrails(head: ResponseTraits, dialect: Dialect): 'whole' | StreamGuardrails | null {
    const onMatch: StreamListener = (match, pointer, offset) =>
      this.#decisions.addMatch('answer', pointer, match, offset);
    const kind = getResponseKind(head);
    switch (kind) {
      case 'document':
        return 'whole';
      case 'events':
      case 'lines':
        return this.#hasTextChecks ? new TextStreamGuardrails(kind, dialect, this.set.response, onMatch) : null;
      case 'frames':
        return this.#hasTextChecks ? new FrameStreamGuardrails(dialect, this.set.response, onMatch) : null;
      case 'closed':
        throw createUncheckableError();
      case 'other':
        return null;
    }
  }

  /**
   * Returns the check for the tool calls of a stream; null if they are not checked piece by piece. Throws
   * `guardrail_blocked` for a stream of another kind.
   */
  createToolCallStream(head: ResponseTraits, grammar: ToolCallGrammar): ToolCallStream | null {
    if (!this.toolCalls) return null;
    const kind = getResponseKind(head);
    switch (kind) {
      case 'events':
      case 'lines':
        return new TextToolCallStream(kind, this.toolCalls, grammar);
      case 'frames':
        return new FrameToolCallStream(this.toolCalls, grammar);
      case 'other':
        // clients read a requested stream as a stream, also under another content type
        if (head.isStreamed) throw createUncheckableError();
        return null;
      case 'document':
        return null;
      default:
        // streams of a kind that this code cannot read could hold calls
        throw createUncheckableError();
    }
  }

  /**
   * Returns the webhook check for a stream that has passed the rules; null without a webhook guardrail for responses.
   */
  createWebhookStream(head: ResponseTraits, dialect: Dialect): WebhookGuardrailStream | null {
    if (!this.#hasWebhook('answer')) return null;
    const checkTexts: CheckTexts = (texts) => this.#webhook!.check('answer', texts);
    const kind = getResponseKind(head);
    return kind === 'frames'
      ? createWebhookFrameStream(dialect, checkTexts)
      : createWebhookEventStream(kind === 'lines' ? kind : 'events', dialect, checkTexts);
  }

  #hasWebhook(on: 'request' | 'answer'): boolean {
    return this.#webhook?.appliesTo(on) ?? false;
  }

  /** Returns the error for a stream that a match ends. */
  findStreamRefusal({ blocked }: StreamGuardrails): GatewayError | null {
    return blocked && createResponseBlockedError(blocked);
  }
}
