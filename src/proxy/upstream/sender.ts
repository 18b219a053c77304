/** Resolves the key of a call to a provider, and sends the call. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { CredentialResolver } from '../../keys/credentials/credential-resolver.js';
import type { UpstreamCredential } from '../../keys/credentials/upstream-credential.js';
import { atServer } from '../../keys/credentials/upstream-server.js';
import { Egress } from '../../platform/egress/egress.js';
import type { Exchange } from '../call/llm-call.js';
import { mergedModelList } from './merged-model-list.js';
import { RequestBodies } from '../request/body.js';
import type { UpstreamListener } from './listener.js';
import { upstreamCall } from './request.js';
import { UpstreamAnswer } from './response.js';

@Injectable()
export class UpstreamSender {
  constructor(
    private readonly credentials: CredentialResolver,
    private readonly egress: Egress,
    private readonly bodies: RequestBodies,
  ) {}

  /** Sets the credential of the call. `owner`: the caller with its chosen team. Throws as `CredentialResolver` does. */
  unlock(exchange: Exchange, owner: Caller): void | Promise<void> {
    const { adapter, target, requestedModel } = exchange;
    const pinned = target?.providerKeyId ?? null;
    const found =
      pinned === null
        ? this.credentials.resolve(owner, adapter!)
        : this.credentials.resolvePinned(owner, adapter!, pinned);
    const set = (credential: UpstreamCredential): void => {
      exchange.credential = atServer(credential, adapter!, requestedModel);
    };
    return found instanceof Promise ? found.then(set) : set(found);
  }

  /**
   * Starts the request; the response then passes to the client, and `listener` receives its events. Throws the error
   * that ended the call before it was sent.
   */
  async send(exchange: Exchange, body: Buffer | null, listener: UpstreamListener): Promise<void> {
    const made = upstreamCall(exchange, body, this.bodies.maxBytes);
    const call = made instanceof Promise ? await made : made;
    if (exchange.cutBy) throw exchange.cutBy;
    const answer = new UpstreamAnswer(exchange, listener);
    exchange.answer = answer;
    answer.start(this.egress, call);
  }

  /** Returns the merged model list of all servers of the credential, as JSON. */
  async mergedList(exchange: Exchange): Promise<string> {
    const body = await mergedModelList(this.egress, exchange);
    if (exchange.cutBy) throw exchange.cutBy;
    return body;
  }
}
