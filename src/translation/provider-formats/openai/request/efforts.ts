/** The values of `reasoning_effort` that vendors know, from the least effort to the most. */
const SCALE = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

export type Effort = (typeof SCALE)[number];

const getRank = (effort: unknown): number => (SCALE as readonly unknown[]).indexOf(effort);

/**
 * Returns the nearest value among `efforts`: the next higher one, else the highest. Returns a value that is not on the
 * scale unchanged, for the vendor to judge.
 * @param efforts ascending, not empty
 */
export function findNearestEffort(effort: unknown, efforts: readonly Effort[]): unknown {
  const requestedRank = getRank(effort);
  if (requestedRank < 0 || efforts.includes(effort as Effort)) return effort;
  return efforts.find((one) => getRank(one) > requestedRank) ?? efforts.at(-1);
}
