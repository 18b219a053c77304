/**
 * Builds the upstream request of one call for its target: the client's bytes where the vendor speaks the client's
 * format, otherwise a translation.
 */
import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { findDialect } from '../../providers/dialect-at.js';
import type { ClientOperation } from '../../providers/dialects/base/dialect.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { ParsedObject } from '../../providers/json/editable-object.js';
import { writeJson } from '../../providers/json/exact.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { type CleanedBody, removeReplay } from '../../providers/replay/removal.js';
import { getToolNameRule } from '../../providers/contract/tool-name-rule.js';
import { findRoute } from '../../providers/routes/match.js';
import { selectRequestHeaders } from '../../proxy/headers/forwarded.js';
import type { Target } from '../../proxy/call/target.js';
import type { ResponseTranslation } from '../../translation/pivot/response-translation.js';
import { PivotResponse } from '../../translation/pivot-response.js';
import { replaceRejectedIds } from '../../translation/provider-formats/anthropic/request/tool-call-ids.js';
import { makeCallIdsDistinct } from '../../translation/call-ids.js';
import type { ChatRequest } from '../../translation/pivot/chat.js';
import { EmbeddingsResponseTranslation, readEmbeddings } from '../../translation/pivot/embeddings.js';
import { createClientFormat, type ClientFormatId } from '../../translation/client-formats/registry.js';
import { correctMedia } from '../../translation/media/chat.js';
import { correctMediaTypes } from '../../translation/media/messages.js';
import { hasCodexKinds } from '../../translation/client-formats/responses/request/codex-kinds.js';
import { buildNativeRequest } from '../../translation/native-request.js';
import type { NativeMessages, TranslationContext, VendorRequest } from '../../translation/pivot/translator.js';
import { removeUnreadableReasoning } from '../../translation/replay/native-filter.js';
import { keepReadableReplay } from '../../translation/replay/request-filter.js';
import { CLAUDE_ORIGIN, getReplayOrigin, createReplayReader } from '../../translation/replay/origin.js';
import { ToolNameRestoration } from '../../translation/tool-names/native-response.js';
import { renameTools } from '../../translation/tool-names/request.js';
import { getTranslator } from '../../translation/provider-formats/registry.js';
import type { RouteTarget } from './model-route.js';
import type { CallFiles } from './call-files.js';
import type { RoutedBody } from '../../translation/pivot/routed-body.js';

/** A call that is sent to a provider, as the client made it. */
export interface RoutedCall {
  readonly kind: ClientOperation;
  readonly body: RoutedBody;
  /** Query with its question mark, or empty. */
  readonly query: string;
  readonly requestId: string;
  readonly userAgent: string | undefined;
  /** Value of the header `anthropic-beta`. */
  readonly betas: string;
  /** Unix seconds. */
  readonly created: number;
  readonly files: CallFiles;
  /** Maximum that the LLM proxy lets a call ask for. Null: no maximum. */
  readonly maxOutputTokens: number | null;
}

@Injectable()
export class UpstreamRequestBuilder {
  /** Builds the request. Throws GatewayError for a request that this vendor cannot serve. */
  build(call: RoutedCall, routeTarget: RouteTarget): Target | Promise<Target> {
    const path = findNativePath(call, routeTarget.adapter);
    if (path !== null) return passThrough(call, routeTarget, path);
    const messages =
      call.kind === 'messages' &&
      getTranslator(routeTarget.adapter).toNativeMessages?.(routeTarget.model, call.body.bytes);
    if (messages) return passThrough(call, routeTarget, messages.path, messages);
    if (call.kind === 'embeddings') return translateEmbeddings(call, routeTarget);
    return this.#translate(call, call.kind as ClientFormatId, routeTarget);
  }

  async #translate(call: RoutedCall, kind: ClientFormatId, routeTarget: RouteTarget): Promise<Target> {
    const translator = getTranslator(routeTarget.adapter);
    const reader = createReplayReader(routeTarget.adapter, routeTarget.model);
    const { origin } = reader;
    const format = createClientFormat(kind, call.body, call.requestId, call.created, origin);
    const { chat } = format;
    chat.messages = makeCallIdsDistinct(chat.messages);
    const droppedReplay = new Set<string>();
    keepReadableReplay(chat, reader, droppedReplay, kind === 'messages' ? CLAUDE_ORIGIN : null);
    // Vendors that require a maximum get the model's own where the client sets none: not beyond the allowed maximum.
    if (getOutputCeiling(chat) === null && call.maxOutputTokens !== null)
      chat.max_completion_tokens = call.maxOutputTokens;
    if (translator.wantsBytes) await call.files.inline(chat);
    correctMedia(chat);
    const context = createContext(call, routeTarget, chat.stream === true);
    const toolNames = renameTools(new ParsedObject(chat), 'chat', getToolNameRule(routeTarget.adapter));
    const request = translator.translateRequest(chat, context);
    const headers = buildHeaders(request, call, context.streaming && !request.isWhole);
    const translation = new PivotResponse(translator, format, context, call.requestId, headers, {
      origin,
      isWhole: request.isWhole,
      toolNames,
    });
    const dropped = [...new Set([...format.dropped, ...droppedReplay, ...request.dropped])];
    const requested = { streaming: context.streaming, ceiling: getOutputCeiling(chat), dropped };
    return toTarget(routeTarget, request, translation, requested);
  }
}

const getOutputCeiling = (chat: ChatRequest): number | null => chat.max_completion_tokens ?? chat.max_tokens ?? null;

/** Returns the vendor's path that accepts the client's own bytes; null where the vendor speaks another format. */
function findNativePath({ kind, body }: RoutedCall, adapter: ProviderAdapter): string | null {
  const path = getDialect(adapter.dialect).nativePaths?.[kind];
  if (path === undefined) return null;
  if (kind === 'chat' && body.isResponsesShaped) return null;
  return kind === 'responses' && !acceptsResponses(adapter, body) ? null : path;
}

const MESSAGES: ReadonlySet<RoutedCall['kind']> = new Set(['messages', 'count_tokens']);

/**
 * Whether the vendor takes the Responses request as it is. Otherwise Codex's kinds of tools become functions, or are
 * left out.
 */
const acceptsResponses = (
  { speaksResponses = false, compatibility }: ProviderAdapter,
  { bytes }: RoutedBody,
): boolean => speaksResponses && (compatibility?.codexKinds === true || !hasCodexKinds(bytes));

function passThrough(
  call: RoutedCall,
  { adapter, model, providerKeyId }: RouteTarget,
  path: string,
  messages?: NativeMessages,
): Target {
  const vendorPath = adapter.normalizePath(path);
  const dialect = findDialect(adapter, vendorPath);
  const native = buildNativeRequest(call.kind, call.body, adapter, model, messages?.members);
  const readable = removeUnreadable(call.kind, native.body, adapter, model);
  const betas = messages && filterBetas(call.betas, messages);
  const dropped = [...new Set([...native.dropped, ...readable.dropped, ...(betas?.dropped ?? [])])];
  const body = MESSAGES.has(call.kind) ? correctMediaTypes(replaceRejectedIds(readable.body)) : readable.body;
  const info = dialect.inspect(body, vendorPath);
  const usageInjected = info.usageToInject && adapter.takesStreamOptions;
  return {
    adapter,
    operation: findRoute(adapter, 'POST', vendorPath),
    vendorPath,
    // only Anthropic's own API takes beta and version in the query
    query: messages ? '' : call.query,
    dialect,
    info: messages ? { ...info, model } : info,
    usageInjected,
    body: usageInjected ? dialect.requestStreamUsage(body) : body,
    dropped,
    providerKeyId,
    translation: null,
    restoration: native.toolNames && new ToolNameRestoration(native.toolNames),
    ...(betas && { headers: betas.headers }),
  };
}

/** Returns `anthropic-beta` as the vendor takes it, and the values that it does not take. */
function filterBetas(
  header: string,
  { findBeta }: NativeMessages,
): { headers: NonNullable<Target['headers']>; dropped: string[] } {
  const names = header.split(',').flatMap((name) => name.trim() || []);
  const accepted = [...new Set(names.flatMap((name) => findBeta(name) ?? []))];
  return {
    headers: [['anthropic-beta', accepted.length > 0 ? accepted.join(',') : null]],
    dropped: names.filter((name) => findBeta(name) === null).map((name) => `anthropic-beta.${name}`),
  };
}

/** Removes replay data of other vendors. */
function removeUnreadable(
  kind: RoutedCall['kind'],
  bytes: Buffer,
  adapter: ProviderAdapter,
  model: string,
): CleanedBody {
  if (kind === 'embeddings') return { body: bytes, dropped: [] };
  const marked = removeReplay(bytes, getReplayOrigin(adapter, model));
  if (kind !== 'chat' && kind !== 'responses') return marked;
  const { body, dropped } = removeUnreadableReasoning(kind, marked.body, adapter);
  return { body, dropped: [...marked.dropped, ...dropped] };
}

function translateEmbeddings(call: RoutedCall, routeTarget: RouteTarget): Target {
  const { adapter } = routeTarget;
  const translator = getTranslator(adapter);
  if (!translator.embeddings) {
    throw new GatewayError(
      'unsupported_parameter',
      `${adapter.displayName} has no embeddings. Name a model of another provider.`,
    );
  }
  const embeddings = readEmbeddings(call.body);
  const context = createContext(call, routeTarget, false);
  const request = translator.embeddings.translateRequest(embeddings, context);
  const headers = buildHeaders(request, call, false);
  const translation = new EmbeddingsResponseTranslation(translator, embeddings, context, headers);
  const requested = { streaming: false, ceiling: null, dropped: request.dropped };
  const target = toTarget(routeTarget, request, translation, requested);
  // Bedrock has one path for all operations of a model.
  const { rule, pathModel } = target.operation;
  return { ...target, operation: { rule: { ...rule, operation: 'embeddings' }, pathModel } };
}

function toTarget(
  { adapter, model, providerKeyId }: RouteTarget,
  request: VendorRequest,
  translation: ResponseTranslation,
  requested: { streaming: boolean; ceiling: number | null; dropped: readonly string[] },
): Target {
  const queryStart = request.path.indexOf('?');
  const path = queryStart < 0 ? request.path : request.path.slice(0, queryStart);
  const vendorPath = adapter.normalizePath(path);
  const dialect = findDialect(adapter, vendorPath);
  const body = Buffer.from(writeJson(request.body));
  return {
    adapter,
    operation: findRoute(adapter, 'POST', vendorPath),
    vendorPath,
    query: queryStart < 0 ? '' : request.path.slice(queryStart),
    dialect,
    // The maximum that the client set, not the one that a vendor requires.
    info: {
      ...dialect.inspect(body, vendorPath),
      model,
      streaming: requested.streaming,
      maxOutputTokens: requested.ceiling,
    },
    usageInjected: false,
    body,
    dropped: requested.dropped,
    providerKeyId,
    translation,
  };
}

const createContext = (call: RoutedCall, { model }: RouteTarget, streaming: boolean): TranslationContext => ({
  model,
  id: `chatcmpl-${call.requestId.replaceAll('-', '')}`,
  created: call.created,
  streaming,
});

const UNCHANGED = { unpacked: false, metered: false };

function buildHeaders(request: VendorRequest, { userAgent }: RoutedCall, streaming: boolean): string[] {
  const headers = ['content-type', 'application/json', 'accept-encoding', 'identity', ...request.headers];
  if (!request.headers.includes('accept')) headers.push('accept', streaming ? 'text/event-stream' : 'application/json');
  // Filtered as for any provider: left out if it contains a credential.
  if (userAgent !== undefined) headers.push(...selectRequestHeaders(['user-agent', userAgent], UNCHANGED));
  return headers;
}
