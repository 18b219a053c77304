import { ApiProperty } from '@nestjs/swagger';
import type { KeySetHealth } from '../jwks/key-set.js';

const KEY_STATES = ['fresh', 'stale', 'none'] as const;

/** A failed fetch of the keys. */
export class KeyFailureView {
  /** When it occurred. */
  at: Date;
  /** What went wrong. */
  detail: string;
}

/** State of a provider's keys in the process that serves the request. */
export class IdentityProviderHealthView {
  /** `fresh`; `stale`: a refresh failed and the old keys remain in use; `none`: not fetched yet, or not available. */
  @ApiProperty({ enum: KEY_STATES })
  state: string;
  /** When the keys were fetched; null: never. */
  fetchedAt: Date | null;
  /** Age of the keys; null: no keys. */
  ageSeconds: number | null;
  /** Ids of the keys. */
  @ApiProperty({ type: [String] })
  keyIds: readonly string[];
  /** The last failure; null: none so far. */
  @ApiProperty({ type: KeyFailureView, nullable: true })
  lastFailure: KeyFailureView | null;
  /** Number of consecutive failures. */
  @ApiProperty({ type: 'integer' })
  failuresInARow: number;
}

export const toHealthView = ({ fetchedAt, lastFailure, ...health }: KeySetHealth): IdentityProviderHealthView => ({
  ...health,
  fetchedAt: fetchedAt === null ? null : new Date(fetchedAt),
  lastFailure: lastFailure && { at: new Date(lastFailure.at), detail: lastFailure.detail },
});
