/** Hours in which an LLM proxy accepts calls. Pure. */
import type { AllowedHours } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { getPreviousDay, toZonedTime } from '../../platform/time/zoned-time.js';

/**
 * Whether one of the windows is open at `atMs` (Unix milliseconds). A window includes its first minute and excludes the
 * minute of `to`. A window that ends before it begins crosses midnight and belongs to the day on which it began. Local
 * time decides: the hour that the change to summer time skips is not made up for, and an hour that comes twice counts
 * twice.
 */
export const isOpen = (windows: readonly AllowedHours[], atMs: number): boolean =>
  windows.some((window) => isOpenIn(window, atMs));

function isOpenIn({ days, from, to, timeZone }: AllowedHours, atMs: number): boolean {
  const { weekday, minute } = toZonedTime(timeZone, atMs);
  const first = parseMinute(from);
  const end = parseMinute(to);
  if (first < end) return days.includes(weekday) && minute >= first && minute < end;
  return (days.includes(weekday) && minute >= first) || (days.includes(getPreviousDay(weekday)) && minute < end);
}

/** `08:30` → 510. */
const parseMinute = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Formats the windows for people: `mon, tue 08:00–18:00 (Europe/Berlin)`. */
export const formatHours = (windows: readonly AllowedHours[]): string =>
  windows.map(({ days, from, to, timeZone }) => `${days.join(', ')} ${from}–${to} (${timeZone})`).join('; ');
