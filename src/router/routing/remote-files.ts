/**
 * Images and files that requests name by address, for vendors that take bytes alone. Addresses come from callers: they lead
 * to public hosts only, and what is fetched is bounded per file, per call and for this process.
 */
import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PublicEgress } from '../../platform/egress/public-egress.js';
import { FilesOfCall } from './files-of-call.js';

/** As much as all running calls together may hold of files; beyond it calls that want more are put off. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

@Injectable()
export class RemoteFiles {
  #held = 0;

  constructor(private readonly egress: PublicEgress) {}

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
}
