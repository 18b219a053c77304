/**
 * Fetches images and files that requests name by address, for vendors that accept only bytes. Addresses come from
 * callers: they lead to public hosts only. Fetched bytes are bounded per file, per call and for this process.
 */
import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PublicEgress } from '../../platform/egress/public-egress.js';
import { CallFiles } from './call-files.js';

/** Maximum bytes of files that all running calls may hold together. Beyond it, calls that want more are put off. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

@Injectable()
export class RemoteFiles {
  #heldBytes = 0;

  constructor(private readonly egress: PublicEgress) {}

  /** Returns the files of one call, which are released when its response has ended. */
  createCallFiles(response: ServerResponse): CallFiles {
    return new CallFiles(this.egress, this, response);
  }

  /** Whether so many more bytes may be held. If so, they count as held until `release`. */
  hold(bytes: number): boolean {
    if (this.#heldBytes + bytes > MAX_HELD_BYTES) return false;
    this.#heldBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
