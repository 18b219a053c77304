import { ApiProperty } from '@nestjs/swagger';
import type { KeySetHealth } from './key-set.js';

const KEY_STATES = ['fresh', 'stale', 'none'] as const;

/** A failure to fetch the keys. */
export class KeyFailureView {
  /** When it was. */
  at: Date;
  /** What went wrong. */
  detail: string;
}

/** How the process that answers stands with a provider's keys. */
export class IdentityProviderHealthView {
  /** `fresh`; `stale`: they could not be fetched anew and are used nevertheless; `none`: none were fetched so far, or none can be had. */
  @ApiProperty({ enum: KEY_STATES })
  state: string;
  /** When the keys were fetched; null: never. */
  fetchedAt: Date | null;
  /** Age of the keys; null: there are none. */
  ageSeconds: number | null;
  /** Ids of the keys. */
  @ApiProperty({ type: [String] })
  keyIds: readonly string[];
  /** The last failure; null: there was none. */
  @ApiProperty({ type: KeyFailureView, nullable: true })
  lastFailure: KeyFailureView | null;
  /** How often in a row it has failed until now. */
  @ApiProperty({ type: 'integer' })
  failuresInARow: number;
}

export const toHealthView = ({ fetchedAt, lastFailure, ...health }: KeySetHealth): IdentityProviderHealthView => ({
  ...health,
  fetchedAt: fetchedAt === null ? null : new Date(fetchedAt),
  lastFailure: lastFailure && { at: new Date(lastFailure.at), detail: lastFailure.detail },
});
