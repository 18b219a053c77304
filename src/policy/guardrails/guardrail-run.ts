/** The guardrails of one call, with their decisions so far. One instance per call, if the proxy has guardrails. */
import { isUtf8 } from 'node:buffer';
import type { LlmProxyPolicy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import type { GatewayError } from '../../platform/errors/gateway-error.js';
import type { DialectId } from '../../providers/dialects/base/dialect.js';
import type { ToolCallGrammar } from '../../providers/dialects/tool-calls/grammar.js';
import { answerKind, type AnswerHead } from './response-kind.js';
import { answerBlocked, Decisions, notScreenable, requestBlocked } from './text/decisions.js';
import { screenDocument } from './text/document-rules.js';
import { guardrailsOf, type GuardrailSet } from './text/guardrail-set.js';
import { askedEvents, askedFrames, type AskedStream, type Judge } from './webhook/guarded-stream.js';
import { FrameScreen } from './streams/frame-guardrails.js';
import { TextScreen } from './streams/text-guardrails.js';
import { CallScreening } from './tool-calls/guardrails.js';
import { FrameCalls, TextCalls, type CallScreenedStream } from './tool-calls/streams.js';
import { toolCallRulesOf } from './tool-calls/rules.js';
import type { StreamListener } from './streams/event-queue.js';
import type { StreamScreen } from './streams/guardrails.js';
import { WebhookScreening, type Asking } from './webhook/run.js';
import { withoutLogprobs } from './text/log-probabilities.js';

const NO_GUARDRAILS: GuardrailSet = { request: [], answer: [], webhook: null };

export class Screening {
  readonly #decisions = new Decisions();

  /** Checks tool calls, before texts are checked; null without rules for tool calls. */
  readonly calls: CallScreening | null;

  readonly #webhook: WebhookScreening | null;

  private constructor(
    private readonly set: GuardrailSet,
    policy: LlmProxyPolicy,
    asking: (() => Asking) | null,
  ) {
    const rules = toolCallRulesOf(policy.toolCalls);
    this.calls = rules && new CallScreening(rules, this.#decisions);
    this.#webhook = set.webhook && asking && new WebhookScreening(set.webhook, asking(), this.#decisions);
  }

  /** Returns null if the policy has no guardrails. `asking` serves the webhook guardrail, if the policy has one. */
  static of(policy: LlmProxyPolicy, asking: (() => Asking) | null = null): Screening | null {
    const set = guardrailsOf(policy);
    if (!set && !toolCallRulesOf(policy.toolCalls)) return null;
    return new Screening(set ?? NO_GUARDRAILS, policy, asking);
  }

  get decisions(): Decisions['kept'] {
    return this.#decisions.kept;
  }

  /** Names of the rules that flagged, redacted or refused a call so far. */
  get names(): ReadonlySet<string> {
    return this.#decisions.names;
  }

  get looksAtAnswers(): boolean {
    return this.calls !== null || this.#looksAtTexts;
  }

  get #looksAtTexts(): boolean {
    return this.set.answer.length > 0 || this.#asksAbout('answer');
  }

  /**
   * Returns the request that may be sent, synchronously unless a webhook is asked. Throws or rejects with
   * `guardrail_blocked`.
   */
  request(body: Buffer): Buffer | Promise<Buffer> {
    if (body.length === 0) return body;
    const screened = this.#requestByRules(body);
    return this.#asksAbout('request') ? this.#webhook!.document('request', screened) : screened;
  }

  #requestByRules(body: Buffer): Buffer {
    if (this.set.request.length === 0) return body;
    return screenDocument(body, this.set.request, (match, pointer) => {
      this.#decisions.note('request', pointer, match);
      if (match.rule.action === 'block') throw requestBlocked(match, pointer);
    });
  }

  /**
   * Returns a whole response that may be shown, synchronously unless a webhook is asked. Throws or rejects with
   * `guardrail_blocked`.
   */
  answer(body: Buffer): Buffer | Promise<Buffer> {
    const screened = this.#answerByRules(body);
    return this.#asksAbout('answer') ? this.#webhook!.document('answer', screened) : screened;
  }

  #answerByRules(body: Buffer): Buffer {
    if (this.set.answer.length === 0) return body;
    const screened = screenDocument(body, this.set.answer, (match, pointer) => {
      this.#decisions.note('answer', pointer, match);
      if (match.rule.action === 'block') throw answerBlocked(match);
    });
    return screened === body || !isUtf8(screened) ? screened : Buffer.from(withoutLogprobs(screened.toString()));
  }

  /**
   * Decides how the text of a response is checked: as a whole (by `answer`), piece by piece, or not at all (null),
   * because it holds no text or no guardrail reads it. Throws `guardrail_blocked` for a response that cannot be read.
   */
  answerScreen(head: AnswerHead, dialect: DialectId): 'whole' | StreamScreen | null {
    const onMatch: StreamListener = (match, pointer, offset) => this.#decisions.note('answer', pointer, match, offset);
    const kind = answerKind(head);
    switch (kind) {
      case 'document':
        return 'whole';
      case 'events':
      case 'lines':
        return this.#looksAtTexts ? new TextScreen(kind, dialect, this.set.answer, onMatch) : null;
      case 'frames':
        return this.#looksAtTexts ? new FrameScreen(this.set.answer, onMatch) : null;
      case 'closed':
        throw notScreenable();
      case 'other':
        return null;
    }
  }

  /**
   * Returns the check for the tool calls of a stream; null if they are not checked piece by piece. Throws
   * `guardrail_blocked` for a stream of another kind.
   */
  callStream(head: AnswerHead, grammar: ToolCallGrammar): CallScreenedStream | null {
    if (!this.calls) return null;
    const kind = answerKind(head);
    switch (kind) {
      case 'events':
      case 'lines':
        return new TextCalls(kind, this.calls, grammar);
      case 'frames':
        return new FrameCalls(this.calls, grammar);
      case 'other':
        // clients read a requested stream as a stream, also under another content type
        if (head.isStreamed) throw notScreenable();
        return null;
      case 'document':
        return null;
      default:
        // streams of a kind that this code cannot read could hold calls
        throw notScreenable();
    }
  }

  /**
   * Returns the webhook check for a stream that has passed the rules; null without a webhook guardrail for responses.
   */
  askedStream(head: AnswerHead, dialect: DialectId): AskedStream | null {
    if (!this.#asksAbout('answer')) return null;
    const judge: Judge = (texts) => this.#webhook!.judge('answer', texts);
    const kind = answerKind(head);
    return kind === 'frames' ? askedFrames(judge) : askedEvents(kind === 'lines' ? kind : 'events', dialect, judge);
  }

  #asksAbout(on: 'request' | 'answer'): boolean {
    return this.#webhook?.looksAt(on) ?? false;
  }

  /** Returns the error for a stream that a match ends. */
  streamBlocked({ blocked }: StreamScreen): GatewayError | null {
    return blocked && answerBlocked(blocked);
  }
}
