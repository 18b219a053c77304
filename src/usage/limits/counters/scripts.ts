/**
 * Atomic operations on the counters of limits, each in Lua and over the key space of this process. A counter is a hash:
 *
 * `g`          its generation, set when it is filled from the ledger; a hash without it counts as missing
 * `u<bucket>`  amount used, by bucket of the window
 * `h<slot>`    amount held by calls in flight, by the slot in which their lease ends; ended leases hold nothing
 *
 * Amounts are integers. The current time is an argument: tests change it, and buckets are computed from it.
 */
import type { KeySpace } from '../../../platform/shared-state/key-space.js';
import type { SharedScript } from '../../../platform/shared-state/shared-state.js';

/** Leases end in slots of this length: fewer slots mean fewer summands. */
export const SLOT_MS = 10_000;

/** Returns the slot in which a lease with that end expires. A slot counts until its number times its length. */
export const computeSlot = (endsAt: number): number => Math.ceil(endsAt / SLOT_MS);

/**
 * Usage of one limit: [fits, used, held, freeing, latest]. `freeing`: the bucket whose end makes room, or -1. `latest`:
 * the last bucket in use, or -1.
 */
export type CounterUsage = readonly [fits: number, used: number, held: number, freeing: number, latest: number];

/**
 * Granted: the generations, by index of the key. Refused: usage of all limits. Missing: indexes (from 0) of counters
 * that have to be filled first.
 */
export type ReserveResult =
  readonly ['granted', ...string[]] | readonly ['refused', ...CounterUsage[]] | readonly ['missing', ...number[]];

interface Tally {
  generation: string | null;
  used: number;
  held: number;
  /** Ascending by bucket. */
  buckets: [bucket: number, amount: number][];
}

// now, slot length, then the fields of one hash → generation, used, held, {{bucket, amount}…} and the expired fields
const LUA_TALLY = `
local function tally(key, now, slotMs, first)
  local entries = redis.call('HGETALL', key)
  local generation, used, held, buckets, over = false, 0, 0, {}, {}
  for i = 1, #entries, 2 do
    local field, value = entries[i], entries[i + 1]
    local kind, number = string.sub(field, 1, 1), tonumber(string.sub(field, 2))
    if kind == 'g' then
      generation = value
    elseif kind == 'u' and number >= first then
      used = used + tonumber(value)
      table.insert(buckets, {number, tonumber(value)})
    elseif kind == 'h' and number * slotMs > now then
      held = held + tonumber(value)
    else
      table.insert(over, field)
    end
  end
  table.sort(buckets, function(a, b) return a[1] < b[1] end)
  return generation, used, held, buckets, over
end`;

function readTally(space: KeySpace, key: string, now: number, slotMs: number, first: number): Tally {
  const found: Tally = { generation: null, used: 0, held: 0, buckets: [] };
  for (const [field, value] of space.hashEntries(key)) {
    const number = Number(field.slice(1));
    if (field[0] === 'g') found.generation = value;
    else if (field[0] === 'u' && number >= first) {
      found.used += Number(value);
      found.buckets.push([number, Number(value)]);
    } else if (field[0] === 'h' && number * slotMs > now) found.held += Number(value);
    else space.hashDelete(key, field);
  }
  found.buckets.sort(([a], [b]) => a - b);
  return found;
}

/**
 * Reserves an amount in every limit, or in none. Arguments: now, slot, slot length, then per key: maximum, amount,
 * first bucket, lifetime in milliseconds. An amount of 0 always fits.
 */
export const RESERVE: SharedScript<ReserveResult> = {
  name: 'limit-reserve',
  lua: `${LUA_TALLY}
    local now, slot, slotMs = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
    local missing, standings, generations, allFit = {'missing'}, {'refused'}, {'granted'}, true
    for i, key in ipairs(KEYS) do
      local at = 4 * i
      local most, amount, first = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
      local generation, used, held, buckets, over = tally(key, now, slotMs, first)
      if #over > 0 then redis.call('HDEL', key, unpack(over)) end
      if not generation then table.insert(missing, i - 1) end
      local beyond, freeing, latest = used + held + amount - most, -1, -1
      local fits = amount == 0 or beyond <= 0
      local left = beyond
      for _, bucket in ipairs(buckets) do
        left = left - bucket[2]
        if freeing == -1 and left <= 0 then freeing = bucket[1] end
        if bucket[2] > 0 then latest = bucket[1] end
      end
      allFit = allFit and fits
      table.insert(standings, {fits and 1 or 0, used, held, freeing, latest})
      table.insert(generations, generation)
    end
    if #missing > 1 then return missing end
    if not allFit then return standings end
    for i, key in ipairs(KEYS) do
      local amount = ARGV[4 * i + 1]
      if amount ~= '0' then redis.call('HINCRBY', key, 'h' .. slot, amount) end
      redis.call('PEXPIRE', key, ARGV[4 * i + 3])
    end
    return generations`,
  runInProcess(space, keys, [now, slot, slotMs, ...rest]) {
    const missing: number[] = [];
    const usages: CounterUsage[] = [];
    const generations: string[] = [];
    for (const [i, key] of keys.entries()) {
      const [max, amount, first] = rest.slice(4 * i, 4 * i + 3).map(Number) as [number, number, number];
      const { generation, used, held, buckets } = readTally(space, key, Number(now), Number(slotMs), first);
      if (generation === null) missing.push(i);
      const excess = used + held + amount - max;
      let left = excess;
      let freeing = -1;
      let latest = -1;
      for (const [bucket, bucketAmount] of buckets) {
        left -= bucketAmount;
        if (freeing === -1 && left <= 0) freeing = bucket;
        if (bucketAmount > 0) latest = bucket;
      }
      usages.push([amount === 0 || excess <= 0 ? 1 : 0, used, held, freeing, latest]);
      generations.push(generation ?? '');
    }
    if (missing.length > 0) return ['missing', ...missing];
    if (usages.some(([fits]) => fits === 0)) return ['refused', ...usages];
    for (const [i, key] of keys.entries()) {
      const [amount, ttl] = [Number(rest[4 * i + 1]), Number(rest[4 * i + 3])];
      if (amount !== 0) space.hashIncrementBy(key, `h${slot}`, amount, ttl);
      space.expire(key, ttl);
    }
    return ['granted', ...generations];
  },
};

/**
 * State of one counter after a settlement. `generation` is empty if the counter is missing: the ledger that it will be
 * filled from contains the usage. `used` is the sum since the requested bucket; -1: none was requested.
 */
export type SettledUsage = readonly [generation: string, used: number];

/**
 * Ends a hold, or moves it to a later slot, and adds the actual usage. Arguments: slot of the hold, new slot or empty,
 * then per key: generation that granted the hold, held, used, bucket, lifetime, and the first bucket to sum or empty.
 * Each settlement sees the sum it produces, so exactly one observes the crossing of a threshold.
 */
export const SETTLE: SharedScript<readonly SettledUsage[]> = {
  name: 'limit-settle',
  lua: `
    local function usedSince(key, first)
      local sum, entries = 0, redis.call('HGETALL', key)
      for i = 1, #entries, 2 do
        local field = entries[i]
        if string.sub(field, 1, 1) == 'u' and tonumber(string.sub(field, 2)) >= first then sum = sum + tonumber(entries[i + 1]) end
      end
      return sum
    end
    local slot, newSlot, answer = ARGV[1], ARGV[2], {}
    for i, key in ipairs(KEYS) do
      local at = 6 * i - 3
      local granted, held, used, bucket, life = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
      local first, sum = tonumber(ARGV[at + 5]), -1
      local generation = redis.call('HGET', key, 'g') or ''
      if generation ~= '' then
        local field = 'h' .. slot
        if generation == granted and held ~= '0' and redis.call('HEXISTS', key, field) == 1 then
          if redis.call('HINCRBY', key, field, '-' .. held) <= 0 then redis.call('HDEL', key, field) end
        end
        if used ~= '0' then redis.call('HINCRBY', key, 'u' .. bucket, used) end
        if newSlot ~= '' and held ~= '0' then redis.call('HINCRBY', key, 'h' .. newSlot, held) end
        redis.call('PEXPIRE', key, life)
        if first then sum = usedSince(key, first) end
      end
      table.insert(answer, {generation, sum})
    end
    return answer`,
  runInProcess(space, keys, [slot, newSlot, ...rest]) {
    return keys.map((key, i): SettledUsage => {
      const [granted, heldText, usedText, bucket, ttlText, first] = rest.slice(6 * i, 6 * i + 6);
      const [held, used, ttl] = [Number(heldText), Number(usedText), Number(ttlText)];
      const generation = space.hashGet(key, 'g') ?? '';
      if (generation === '') return ['', -1];
      if (generation === granted && held !== 0 && space.hashGet(key, `h${slot}`) !== null) {
        if (space.hashIncrementBy(key, `h${slot}`, -held, ttl) <= 0) space.hashDelete(key, `h${slot}`);
      }
      if (used !== 0) space.hashIncrementBy(key, `u${bucket}`, used, ttl);
      if (newSlot !== '' && held !== 0) space.hashIncrementBy(key, `h${newSlot}`, held, ttl);
      space.expire(key, ttl);
      return [generation, first === '' ? -1 : sumUsedSince(space, key, Number(first))];
    });
  },
};

function sumUsedSince(space: KeySpace, key: string, first: number): number {
  let sum = 0;
  for (const [field, value] of space.hashEntries(key))
    if (field[0] === 'u' && Number(field.slice(1)) >= first) sum += Number(value);
  return sum;
}

/**
 * Fills a missing counter; leaves a present one unchanged. Arguments: generation, lifetime, then alternating bucket and
 * amount. Returns the generation in effect.
 */
export const FILL: SharedScript<string> = {
  name: 'limit-fill',
  lua: `
    local there = redis.call('HGET', KEYS[1], 'g')
    if there then return there end
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'g', ARGV[1])
    for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], 'u' .. ARGV[i], ARGV[i + 1]) end
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return ARGV[1]`,
  runInProcess(space, [key], [generation, ttl, ...amounts]) {
    const existing = space.hashGet(key!, 'g');
    if (existing !== null) return existing;
    space.delete(key!);
    space.hashSet(key!, 'g', generation!, Number(ttl));
    for (let i = 0; i < amounts.length; i += 2) space.hashSet(key!, `u${amounts[i]}`, amounts[i + 1]!, Number(ttl));
    return generation!;
  },
};

/**
 * Reads counters without changing them. Arguments: now, slot length, then per key its first bucket. Returns per key
 * null (missing) or [used, held, latest bucket or -1].
 */
export const READ: SharedScript<readonly (readonly [used: number, held: number, latest: number] | null)[]> = {
  name: 'limit-read',
  lua: `${LUA_TALLY}
    local answer = {}
    for i, key in ipairs(KEYS) do
      local generation, used, held, buckets = tally(key, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[2 + i]))
      local latest = -1
      for _, bucket in ipairs(buckets) do if bucket[2] > 0 then latest = bucket[1] end end
      answer[i] = generation and {used, held, latest}
    end
    return answer`,
  runInProcess(space, keys, [now, slotMs, ...firsts]) {
    return keys.map((key, i) => {
      const { generation, used, held, buckets } = readTally(space, key, Number(now), Number(slotMs), Number(firsts[i]));
      const latest = buckets.findLast(([, amount]) => amount > 0)?.[0] ?? -1;
      return generation === null ? null : ([used, held, latest] as const);
    });
  },
};
