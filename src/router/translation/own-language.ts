/**
 * What has to change in a request to a vendor that speaks the client's own language. The changes are made in the client's
 * bytes; a request that needs none keeps them, but for the model's name.
 */
import { JsonEdits } from '../../providers/json-edits.js';
import type { ProviderAdapter } from '../../providers/provider-adapter.js';
import { toolNameRule } from '../../providers/tool-name-rule.js';
import type { RoutedBody } from '../routing/routed-body.js';
import { checkOutputFormat, checkResponseFormat, checkTextFormat } from './chat/response-format.js';
import { adaptChat } from './openai/chat-adaptation.js';
import { restrictResponses } from './openai/model-restrictions.js';
import { dropEmptyNamespaces } from './responses/codex-kinds.js';
import type { OwnMessages } from './translator.js';
import { type NamingLanguage, renameTools } from './tool-names/tool-name-edits.js';
import type { VendorToolNames } from './tool-names/vendor-tool-names.js';

export type OwnKind = 'chat' | 'responses' | 'messages' | 'count_tokens' | 'embeddings';

const LANGUAGES: Readonly<Record<OwnKind, NamingLanguage | null>> = {
  chat: 'chat',
  responses: 'responses',
  messages: 'messages',
  count_tokens: 'messages',
  embeddings: null,
};

export interface OwnRequest {
  readonly body: Buffer;
  /** Members that were left out. */
  readonly dropped: readonly string[];
  /** Null: the tools keep their names. */
  readonly toolNames: VendorToolNames | null;
}

/**
 * @param model the vendor's id, which takes the place of the client's
 * @param members what stands in the body in place of the model, where that has its place in the path
 * @throws GatewayError `invalid_body`
 */
export function ownRequest(
  kind: OwnKind,
  { bytes, modelAt }: RoutedBody,
  adapter: ProviderAdapter,
  model: string,
  members?: OwnMessages['members'],
): OwnRequest {
  const { compatibility = {} } = adapter;
  const edits = new JsonEdits(bytes);
  const dropped = new Set<string>();
  const request = edits.object();
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
  const language = LANGUAGES[kind];
  const toolNames = language ? renameTools(request, language, toolNameRule(adapter)) : null;
  return { body: edits.apply(), dropped: [...dropped], toolNames };
}
