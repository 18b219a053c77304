/**
 * Builds the upstream request of one call for its target: the client's bytes where the vendor speaks the client's
 * format, otherwise a translation.
 */
import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { dialectAt } from '../../providers/dialect-at.js';
import { ParsedObject } from '../../providers/json/editable-object.js';
import { writeJson } from '../../providers/json/exact.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { type CleanedBody, withoutReplay } from '../../providers/replay/removal.js';
import { toolNameRule } from '../../providers/contract/tool-name-rule.js';
import { routeFor } from '../../providers/routes/match.js';
import { requestHeaders } from '../../proxy/headers/forwarded.js';
import type { Target } from '../../proxy/call/target.js';
import type { AnswerTranslation } from '../../translation/pivot/response-translation.js';
import { PivotedAnswer } from '../../translation/pivot-response.js';
import { withAcceptedIds } from '../../translation/provider-formats/anthropic/request/tool-call-ids.js';
import { withDistinctCallIds } from '../../translation/call-ids.js';
import type { ChatRequest } from '../../translation/pivot/chat.js';
import { EmbeddingsAnswerTranslation, readEmbeddings } from '../../translation/pivot/embeddings.js';
import { frontFor, type SpokenKind } from '../../translation/client-formats/registry.js';
import { correctMedia } from '../../translation/media/chat.js';
import { withTrueMediaTypes } from '../../translation/media/messages.js';
import { hasCodexKinds } from '../../translation/client-formats/responses/request/codex-kinds.js';
import { ownRequest } from '../../translation/native-request.js';
import type { OwnMessages, TranslationContext, VendorRequest } from '../../translation/pivot/translator.js';
import { withoutForeignReasoning } from '../../translation/replay/native-filter.js';
import { keepOwnReplay } from '../../translation/replay/request-filter.js';
import { CLAUDE_ORIGIN, replayOrigin, replayReader } from '../../translation/replay/origin.js';
import { RestoredNames } from '../../translation/tool-names/native-response.js';
import { renameTools } from '../../translation/tool-names/request.js';
import { translatorFor } from '../../translation/provider-formats/registry.js';
import type { Candidate } from './model-route.js';
import type { FilesOfCall } from './call-files.js';
import type { RoutedBody } from '../../translation/pivot/routed-body.js';

/** A call that is sent to a provider, as the client made it. */
export interface RoutedCall {
  readonly kind: 'chat' | 'responses' | 'embeddings' | 'messages' | 'count_tokens';
  readonly body: RoutedBody;
  /** Query with its question mark, or empty. */
  readonly query: string;
  readonly requestId: string;
  readonly userAgent: string | undefined;
  /** Value of the header `anthropic-beta`. */
  readonly betas: string;
  /** Unix seconds. */
  readonly created: number;
  readonly files: FilesOfCall;
  /** Maximum that the LLM proxy lets a call ask for. Null: no maximum. */
  readonly maxOutputTokens: number | null;
}

@Injectable()
export class CallWording {
  /** Builds the request. Throws GatewayError for a request that this vendor cannot serve. */
  word(call: RoutedCall, candidate: Candidate): Target | Promise<Target> {
    const path = pathInItsOwnLanguage(call, candidate.adapter);
    if (path !== null) return passedThrough(call, candidate, path);
    const messages =
      call.kind === 'messages' && translatorFor(candidate.adapter).ownMessages?.(candidate.model, call.body.bytes);
    if (messages) return passedThrough(call, candidate, messages.path, messages);
    if (call.kind === 'embeddings') return translatedEmbeddings(call, candidate);
    return this.#translated(call, call.kind as SpokenKind, candidate);
  }

  async #translated(call: RoutedCall, kind: SpokenKind, candidate: Candidate): Promise<Target> {
    const translator = translatorFor(candidate.adapter);
    const reader = replayReader(candidate.adapter, candidate.model);
    const { origin } = reader;
    const front = frontFor(kind, call.body, call.requestId, call.created, origin);
    const { chat } = front;
    chat.messages = withDistinctCallIds(chat.messages);
    const foreign = new Set<string>();
    keepOwnReplay(chat, reader, foreign, kind === 'messages' ? CLAUDE_ORIGIN : null);
    // Vendors that require a maximum get the model's own where the client sets none: not beyond the allowed maximum.
    if (ceilingOf(chat) === null && call.maxOutputTokens !== null) chat.max_completion_tokens = call.maxOutputTokens;
    if (translator.wantsBytes) await call.files.inline(chat);
    correctMedia(chat);
    const context = contextOf(call, candidate, chat.stream === true);
    const toolNames = renameTools(new ParsedObject(chat), 'chat', toolNameRule(candidate.adapter));
    const request = translator.request(chat, context);
    const headers = headersOf(request, call, context.streaming && !request.isWhole);
    const translation = new PivotedAnswer(translator, front, context, call.requestId, headers, {
      origin,
      isWhole: request.isWhole,
      toolNames,
    });
    const dropped = [...new Set([...front.dropped, ...foreign, ...request.dropped])];
    const asked = { streaming: context.streaming, ceiling: ceilingOf(chat), dropped };
    return targetOf(candidate, request, translation, asked);
  }
}

const ceilingOf = (chat: ChatRequest): number | null => chat.max_completion_tokens ?? chat.max_tokens ?? null;

/** Returns the vendor's path that accepts the client's own bytes; null where the vendor speaks another format. */
function pathInItsOwnLanguage({ kind, body }: RoutedCall, adapter: ProviderAdapter): string | null {
  if (adapter.dialect === 'openai') {
    if (kind === 'chat') return body.isResponsesShaped ? null : 'chat/completions';
    if (kind === 'responses') return takesResponses(adapter, body) ? 'responses' : null;
    return kind === 'embeddings' ? 'embeddings' : null;
  }
  if (adapter.dialect !== 'anthropic') return null;
  if (kind === 'messages') return 'v1/messages';
  return kind === 'count_tokens' ? 'v1/messages/count_tokens' : null;
}

const MESSAGES: ReadonlySet<RoutedCall['kind']> = new Set(['messages', 'count_tokens']);

/**
 * Whether the vendor takes the Responses request as it is. Otherwise Codex's kinds of tools become functions, or are
 * left out.
 */
const takesResponses = ({ speaksResponses = false, compatibility }: ProviderAdapter, { bytes }: RoutedBody): boolean =>
  speaksResponses && (compatibility?.codexKinds === true || !hasCodexKinds(bytes));

function passedThrough(
  call: RoutedCall,
  { adapter, model, providerKeyId }: Candidate,
  path: string,
  messages?: OwnMessages,
): Target {
  const vendorPath = adapter.normalisePath(path);
  const dialect = dialectAt(adapter, vendorPath);
  const own = ownRequest(call.kind, call.body, adapter, model, messages?.members);
  const readable = readableBy(call.kind, own.body, adapter, model);
  const betas = messages && takenBetas(call.betas, messages);
  const dropped = [...new Set([...own.dropped, ...readable.dropped, ...(betas?.dropped ?? [])])];
  const body = MESSAGES.has(call.kind) ? withTrueMediaTypes(withAcceptedIds(readable.body)) : readable.body;
  const facts = dialect.inspect(body, vendorPath);
  const usageInjected = facts.usageToInject && adapter.takesStreamOptions;
  return {
    adapter,
    operation: routeFor(adapter, 'POST', vendorPath),
    vendorPath,
    // only Anthropic's own API takes beta and version in the query
    query: messages ? '' : call.query,
    dialect,
    facts: messages ? { ...facts, model } : facts,
    usageInjected,
    body: usageInjected ? dialect.withStreamUsage(body) : body,
    dropped,
    providerKeyId,
    translation: null,
    restoration: own.toolNames && new RestoredNames(own.toolNames),
    ...(betas && { headers: betas.headers }),
  };
}

/** Returns `anthropic-beta` as the vendor takes it, and the values that it does not take. */
function takenBetas(
  sent: string,
  { beta }: OwnMessages,
): { headers: NonNullable<Target['headers']>; dropped: string[] } {
  const asked = sent.split(',').flatMap((name) => name.trim() || []);
  const taken = [...new Set(asked.flatMap((name) => beta(name) ?? []))];
  return {
    headers: [['anthropic-beta', taken.length > 0 ? taken.join(',') : null]],
    dropped: asked.filter((name) => beta(name) === null).map((name) => `anthropic-beta.${name}`),
  };
}

/** Removes replay data of other vendors. */
function readableBy(kind: RoutedCall['kind'], bytes: Buffer, adapter: ProviderAdapter, model: string): CleanedBody {
  if (kind === 'embeddings') return { body: bytes, dropped: [] };
  const marked = withoutReplay(bytes, replayOrigin(adapter, model));
  if (kind !== 'chat' && kind !== 'responses') return marked;
  const { body, dropped } = withoutForeignReasoning(kind, marked.body, adapter);
  return { body, dropped: [...marked.dropped, ...dropped] };
}

function translatedEmbeddings(call: RoutedCall, candidate: Candidate): Target {
  const { adapter } = candidate;
  const translator = translatorFor(adapter);
  if (!translator.embeddings) {
    throw new GatewayError(
      'unsupported_parameter',
      `${adapter.displayName} has no embeddings. Name a model of another provider.`,
    );
  }
  const embeddings = readEmbeddings(call.body);
  const context = contextOf(call, candidate, false);
  const request = translator.embeddings.request(embeddings, context);
  const headers = headersOf(request, call, false);
  const translation = new EmbeddingsAnswerTranslation(translator, embeddings, context, headers);
  const asked = { streaming: false, ceiling: null, dropped: request.dropped };
  const target = targetOf(candidate, request, translation, asked);
  // Bedrock has one path for all operations of a model.
  const { rule, pathModel } = target.operation;
  return { ...target, operation: { rule: { ...rule, operation: 'embeddings' }, pathModel } };
}

function targetOf(
  { adapter, model, providerKeyId }: Candidate,
  request: VendorRequest,
  translation: AnswerTranslation,
  asked: { streaming: boolean; ceiling: number | null; dropped: readonly string[] },
): Target {
  const question = request.path.indexOf('?');
  const path = question < 0 ? request.path : request.path.slice(0, question);
  const vendorPath = adapter.normalisePath(path);
  const dialect = dialectAt(adapter, vendorPath);
  const body = Buffer.from(writeJson(request.body));
  return {
    adapter,
    operation: routeFor(adapter, 'POST', vendorPath),
    vendorPath,
    query: question < 0 ? '' : request.path.slice(question),
    dialect,
    // The maximum that the client set, not the one that a vendor requires.
    facts: { ...dialect.inspect(body, vendorPath), model, streaming: asked.streaming, maxOutputTokens: asked.ceiling },
    usageInjected: false,
    body,
    dropped: asked.dropped,
    providerKeyId,
    translation,
  };
}

const contextOf = (call: RoutedCall, { model }: Candidate, streaming: boolean): TranslationContext => ({
  model,
  id: `chatcmpl-${call.requestId.replaceAll('-', '')}`,
  created: call.created,
  streaming,
});

const AS_IT_IS = { unpacked: false, metered: false };

function headersOf(request: VendorRequest, { userAgent }: RoutedCall, streaming: boolean): string[] {
  const headers = ['content-type', 'application/json', 'accept-encoding', 'identity', ...request.headers];
  if (!request.headers.includes('accept')) headers.push('accept', streaming ? 'text/event-stream' : 'application/json');
  // Filtered as for any provider: left out if it contains a credential.
  if (userAgent !== undefined) headers.push(...requestHeaders(['user-agent', userAgent], AS_IT_IS));
  return headers;
}
