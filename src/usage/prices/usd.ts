/** Converts the unit of stored costs. Pure. */

const MICRO = 1_000_000;
/** A millionth of a micro-dollar: finer than any price, coarser than floating-point noise. */
const COST_DECIMALS = 12;

/** Converts micro US dollars to US dollars. */
export const toUsd = (microUsd: number): number => Number((microUsd / MICRO).toFixed(COST_DECIMALS));
