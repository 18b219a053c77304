/**
 * Adapts a request to a vendor that speaks the client's own format. The changes are made in the client's bytes. A
 * request that needs no changes keeps its bytes, except for the model's name.
 */
import { JsonEdits } from '../providers/json/edits.js';
import type { ProviderAdapter } from '../providers/contract/provider-adapter.js';
import { getToolNameRule } from '../providers/contract/tool-name-rule.js';
import type { RoutedBody } from './pivot/routed-body.js';
import { checkOutputFormat, checkResponseFormat, checkTextFormat } from './pivot/response-format.js';
import { adaptChat } from './provider-formats/openai/request/chat-adaptation.js';
import { restrictResponses } from './provider-formats/openai/request/model-restrictions.js';
import { dropEmptyNamespaces } from './client-formats/responses/request/codex-kinds.js';
import type { NativeMessages } from './pivot/translator.js';
import { type ToolNameFormat, renameTools } from './tool-names/request.js';
import type { VendorToolNames } from './tool-names/vendor-names.js';

export type NativeKind = 'chat' | 'responses' | 'messages' | 'count_tokens' | 'embeddings';

const TOOL_NAME_FORMATS: Readonly<Record<NativeKind, ToolNameFormat | null>> = {
  chat: 'chat',
  responses: 'responses',
  messages: 'messages',
  count_tokens: 'messages',
  embeddings: null,
};

export interface NativeRequest {
  readonly body: Buffer;
  /** Names of the members that were left out. */
  readonly dropped: readonly string[];
  /** Null: the tools keep their names. */
  readonly toolNames: VendorToolNames | null;
}

/**
 * Adapts the request.
 * @param model the vendor's id, which replaces the client's
 * @param members members of the body that replace the model, where the path names it
 * @throws GatewayError `invalid_body`
 */
export function buildNativeRequest(
  kind: NativeKind,
  { bytes, modelAt }: RoutedBody,
  adapter: ProviderAdapter,
  model: string,
  members?: NativeMessages['members'],
): NativeRequest {
  const { compatibility = {} } = adapter;
  const edits = new JsonEdits(bytes);
  const dropped = new Set<string>();
  const request = edits.editObject();
  if (members) {
    request.delete('model');
    for (const name in members) request.set(name, members[name]);
  } else edits.replace(modelAt, JSON.stringify(model));
  if (kind === 'chat') {
    checkResponseFormat(request);
    for (const name of adaptChat(request, compatibility, model)) dropped.add(name);
  } else if (kind === 'responses') {
    checkTextFormat(request);
    dropEmptyNamespaces(request, dropped);
    restrictResponses(request, compatibility, model, dropped);
  } else if (kind === 'messages') checkOutputFormat(request);
  const format = TOOL_NAME_FORMATS[kind];
  const toolNames = format ? renameTools(request, format, getToolNameRule(adapter)) : null;
  return { body: edits.apply(), dropped: [...dropped], toolNames };
}
