/** Weekday and time of day in a time zone. Pure. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface ZonedTime {
  weekday: Weekday;
  /** Minutes since midnight as the clock shows them, 0 to 1439; not elapsed minutes on a day when the clocks change. */
  minute: number;
}

/** Creating a format takes a hundred times as long as using it; there are about 600 zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether the IANA time zone database has a zone of this name (`Europe/Berlin`), in any case. Offsets are not zones.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return getFormat(name) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** `atMs`: Unix milliseconds. Throws RangeError for an unknown zone. */
export function toZonedTime(timeZone: string, atMs: number): ZonedTime {
  // "Mon 08:05": the shape that `en-GB` gives to these fields.
  const text = getFormat(timeZone).format(atMs);
  const [hours, minutes] = text.slice(-5).split(':');
  return { weekday: text.slice(0, 3).toLowerCase() as Weekday, minute: Number(hours) * 60 + Number(minutes) };
}

export const getPreviousDay = (weekday: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7]!;

function getFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  return format;
}
