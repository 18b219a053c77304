/**
 * Images and files that requests name by address, for vendors that take bytes alone. Addresses come from callers: they lead
 * to public hosts only, and what is fetched is bounded per file, per call and for this process.
 */
import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AppConfig } from '../../platform/config/app-config.js';
import { Egress } from '../../platform/egress/egress.js';
import { FilesOfCall } from './files-of-call.js';

/** As much as all running calls together may hold of files; beyond it calls that want more are put off. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const CONNECTIONS_PER_ORIGIN = 8;
const TIMEOUT_MS = 10_000;

export const FILES_EGRESS = Symbol('the way out to the files that callers name');

/**
 * A way out to public hosts alone. On the upstreams' own, callers could address what an admin allowed for providers: model
 * servers, identity providers and whatever else stands in the own network.
 */
export const filesEgress = ({ upstream }: Pick<AppConfig, 'upstream'>): Egress =>
  new Egress({
    allowedHosts: [],
    connectTimeoutMs: Math.min(TIMEOUT_MS, upstream.connectTimeoutMs),
    headersTimeoutMs: TIMEOUT_MS,
    idleTimeoutMs: TIMEOUT_MS,
    connectionsPerOrigin: CONNECTIONS_PER_ORIGIN,
  });

@Injectable()
export class RemoteFiles implements OnApplicationShutdown {
  #held = 0;

  constructor(@Inject(FILES_EGRESS) private readonly egress: Egress) {}

  /** The files of one call, which are let go when its answer has ended. */
  of(response: ServerResponse): FilesOfCall {
    return new FilesOfCall(this.egress, this, response);
  }

  /** Whether so many bytes more may be held. If so they are, until `release`. */
  hold(bytes: number): boolean {
    if (this.#held + bytes > MAX_HELD_BYTES) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.egress.close();
  }
}
