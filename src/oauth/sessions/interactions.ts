/**
 * A step of an authorization at which a person interacts: the library's state of it, checked against the page's URL.
 */
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Client, InteractionResults } from 'oidc-provider';
import { errors } from '../oidc-library/oidc-provider.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { CurrentOidcProvider } from '../oidc-library/current-oidc-provider.js';

export type InteractionDetails = Awaited<ReturnType<CurrentOidcProvider['provider']['interactionDetails']>>;

export interface InteractionContext {
  details: InteractionDetails;
  client: Client;
  /** Final target of the response; null for a device, which polls for it. */
  redirectUri: string | null;
}

@Injectable()
export class Interactions {
  constructor(private readonly oidc: CurrentOidcProvider) {}

  /** Throws `not_found` when the interaction has ended, began in another browser, or belongs to another page. */
  async load(
    request: FastifyRequest,
    reply: FastifyReply,
    uid: string,
    prompt: 'login' | 'consent',
  ): Promise<InteractionContext> {
    const { provider } = this.oidc;
    const details = await provider.interactionDetails(request.raw, reply.raw).catch(throwInteractionEnded);
    if (details.uid !== uid || details.prompt.name !== prompt)
      throw createEndedError('the interaction is at another page');
    const client = await provider.Client.find(details.params.client_id as string);
    if (!client) throw createEndedError('the client is gone');
    const { redirect_uri: redirectUri } = details.params;
    return { details, client, redirectUri: typeof redirectUri === 'string' ? redirectUri : null };
  }

  /** Stores the result and redirects the browser. */
  async finish(request: FastifyRequest, reply: FastifyReply, result: InteractionResults): Promise<void> {
    await this.leave(reply, await this.submit(request, reply, result));
  }

  /** Stores the result. Returns the URL at which the browser continues. */
  submit(request: FastifyRequest, reply: FastifyReply, result: InteractionResults): Promise<string> {
    const options = { mergeWithLastSubmission: result.consent !== undefined };
    return this.oidc.provider.interactionResult(request.raw, reply.raw, result, options).catch(throwInteractionEnded);
  }

  async leave(reply: FastifyReply, address: string): Promise<void> {
    await reply.header('cache-control', 'no-store').redirect(address, 303);
  }
}

/** Replaces the library's error for an interaction that has ended. */
export function throwInteractionEnded(error: unknown): never {
  throw error instanceof errors.SessionNotFound ? createEndedError(error.error_description, error) : error;
}

const createEndedError = (internal: string | undefined, cause?: unknown): GatewayError =>
  new GatewayError(
    'not_found',
    'This page has expired, was answered already, or was opened in another browser. Go back to the app and start again.',
    { ...(internal === undefined ? {} : { internal }), cause },
  );
