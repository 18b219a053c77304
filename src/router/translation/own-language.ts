/**
 * What has to change in a request to a vendor that speaks the client's own language. The changes are made in the client's
 * bytes; a request that needs none keeps them, but for the model's name.
 */
import { JsonEdits } from '../../providers/json-edits.js';
import type { ProviderAdapter } from '../../providers/provider-adapter.js';
import type { RoutedBody } from '../routing/routed-body.js';
import { checkOutputFormat, checkResponseFormat, checkTextFormat } from './chat/response-format.js';
import { adaptChat } from './openai/chat-adaptation.js';
import { restrictResponses } from './openai/model-restrictions.js';

export type OwnKind = 'chat' | 'responses' | 'messages' | 'count_tokens' | 'embeddings';

export interface OwnRequest {
  readonly body: Buffer;
  /** Members that were left out. */
  readonly dropped: readonly string[];
}

/**
 * @param model the vendor's id, which takes the place of the client's
 * @throws GatewayError `invalid_body`
 */
export function ownRequest(
  kind: OwnKind,
  { bytes, modelAt }: RoutedBody,
  { compatibility = {} }: ProviderAdapter,
  model: string,
): OwnRequest {
  const edits = new JsonEdits(bytes);
  edits.replace(modelAt, JSON.stringify(model));
  const dropped = new Set<string>();
  if (kind === 'chat') {
    const request = edits.object();
    checkResponseFormat(request);
    for (const name of adaptChat(request, compatibility, model)) dropped.add(name);
  } else if (kind === 'responses') {
    const request = edits.object();
    checkTextFormat(request);
    restrictResponses(request, compatibility, model, dropped);
  } else if (kind === 'messages') checkOutputFormat(edits.object());
  return { body: edits.apply(), dropped: [...dropped] };
}
