/**
 * Counts a consent form once, even if it is sent twice: a double click sends it twice, and each would create a grant.
 * The first form decides, across all processes. The others get its outcome.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { CurrentOidcProvider } from '../../oidc-library/current-oidc-provider.js';
import type { InteractionDetails } from '../../sessions/interactions.js';
import { ArtifactStore } from '../../storage/artifacts/artifact.store.js';
import { ConsentOutcomes } from '../outcomes.js';

const POLL_MS = 50;
const MAX_WAIT_MS = 10_000;

@Injectable()
export class SingleDecision {
  constructor(
    private readonly oidc: CurrentOidcProvider,
    private readonly artifacts: ArtifactStore,
    private readonly outcomes: ConsentOutcomes,
  ) {}

  /**
   * Runs `decide` for the first of several forms about an interaction; the others wait for it. When `decide` fails, the
   * next form decides. Returns the URL that the browser is sent to next. Throws `conflict` when it is not known after
   * ten seconds.
   */
  async decideOnce({ uid, exp }: InteractionDetails, decide: () => Promise<string>): Promise<string> {
    const claim = `consent ${uid}`;
    for (let waitedMs = 0; waitedMs < MAX_WAIT_MS; waitedMs += POLL_MS) {
      if (await this.artifacts.claim('ReplayDetection', claim, new Date(exp * 1000))) {
        try {
          return await decide();
        } catch (error) {
          await this.artifacts.destroy('ReplayDetection', claim);
          throw error;
        }
      }
      const address = await this.#findNextAddress(uid);
      if (address !== null) return address;
      await pause(POLL_MS);
    }
    throw createAlreadyAnsweredError();
  }

  /**
   * Returns where the authorization has ended, for a browser that repeats its form. Null when it has not ended, or too
   * long ago. The browser proves with its cookie that the interaction is its own.
   */
  async findOutcome(request: FastifyRequest, reply: FastifyReply, uid: string): Promise<string | null> {
    const { provider } = this.oidc;
    const { cookies } = provider.createContext(request.raw, reply.raw);
    const isOwn = cookies.get(provider.cookieName('interaction'), { signed: true }) === uid;
    return isOwn ? this.outcomes.find(uid) : null;
  }

  async #findNextAddress(uid: string): Promise<string | null> {
    const interaction = await this.oidc.provider.Interaction.find(uid);
    if (interaction) return interaction.result === undefined ? null : interaction.returnTo;
    const outcome = await this.outcomes.find(uid);
    if (outcome === null) throw createAlreadyAnsweredError();
    return outcome;
  }
}

const createAlreadyAnsweredError = (): GatewayError =>
  new GatewayError('conflict', 'You have already answered this request. Go back to the app and continue there.');
