/** Resolves the key of a call to a provider, and sends the call. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { CredentialResolver } from '../../keys/credentials/credential-resolver.js';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import { selectServer } from '../../keys/credentials/upstream-server.js';
import { Egress } from '../../platform/egress/egress.js';
import type { LlmCall } from '../call/llm-call.js';
import { fetchMergedModelList } from './merged-model-list.js';
import { RequestBodies } from '../request/body.js';
import type { UpstreamListener } from './listener.js';
import { buildOutboundRequest } from './request.js';
import { UpstreamResponse } from './response.js';

@Injectable()
export class UpstreamSender {
  constructor(
    private readonly credentials: CredentialResolver,
    private readonly egress: Egress,
    private readonly bodies: RequestBodies,
  ) {}

  /** Sets the credential of the call. `owner`: the caller with its chosen team. Throws as `CredentialResolver` does. */
  resolveCredential(call: LlmCall, owner: Caller): void | Promise<void> {
    const { adapter, target, requestedModel } = call;
    const pinned = target?.providerKeyId ?? null;
    const found =
      pinned === null
        ? this.credentials.resolve(owner, adapter!)
        : this.credentials.resolvePinned(owner, adapter!, pinned);
    const setCredential = (credential: UpstreamCredential): void => {
      call.credential = selectServer(credential, adapter!, requestedModel);
    };
    return found instanceof Promise ? found.then(setCredential) : setCredential(found);
  }

  /**
   * Starts the request; the response then passes to the client, and `listener` receives its events. Throws the error
   * that ended the call before it was sent.
   */
  async send(call: LlmCall, body: Buffer | null, listener: UpstreamListener): Promise<void> {
    const built = buildOutboundRequest(call, body, this.bodies.maxBytes);
    const outbound = built instanceof Promise ? await built : built;
    if (call.abortError) throw call.abortError;
    const upstreamResponse = new UpstreamResponse(call, listener);
    call.upstreamResponse = upstreamResponse;
    upstreamResponse.start(this.egress, outbound);
  }

  /** Returns the merged model list of all servers of the credential, as JSON. */
  async fetchMergedList(call: LlmCall): Promise<string> {
    const body = await fetchMergedModelList(this.egress, call);
    if (call.abortError) throw call.abortError;
    return body;
  }
}
