import { getPreviousDay, isTimeZone, toZonedTime } from './zoned-time.js';

const at = (instant: string, zone: string) => toZonedTime(zone, Date.parse(instant));

describe('zoned time', () => {
  it('toZonedTime returns weekday and minute in the time zone', () => {
    expect(at('2026-11-25T23:30:00Z', 'UTC')).toEqual({ weekday: 'wed', minute: 1410 });
    expect(at('2026-11-25T23:30:00Z', 'Europe/Berlin')).toEqual({ weekday: 'thu', minute: 30 });
    expect(at('2026-11-25T23:30:00Z', 'Asia/Kolkata')).toEqual({ weekday: 'thu', minute: 300 });
    expect(at('2026-11-25T23:59:59.999Z', 'America/New_York')).toEqual({ weekday: 'wed', minute: 1139 });
    expect(at('2026-11-25T00:00:00Z', 'utc')).toEqual({ weekday: 'wed', minute: 0 });
  });

  it('zoned time skips an hour in spring and repeats one in autumn', () => {
    expect(at('2026-03-29T00:59:00Z', 'Europe/Berlin').minute).toBe(119);
    expect(at('2026-03-29T01:00:00Z', 'Europe/Berlin').minute).toBe(180);
    expect(at('2026-10-25T00:30:00Z', 'Europe/Berlin').minute).toBe(150);
    expect(at('2026-10-25T01:30:00Z', 'Europe/Berlin').minute).toBe(150);
  });

  it('isTimeZone accepts exactly the names of time zones', () => {
    expect(['Europe/Berlin', 'europe/berlin', 'UTC', 'America/Argentina/Ushuaia'].map(isTimeZone)).toEqual(
      Array(4).fill(true),
    );
    expect(['', 'Europe/Nowhere', '+01:00', 'CET+1', 'Europe/Berlin\0'].map(isTimeZone)).toEqual(Array(5).fill(false));
  });

  it('getPreviousDay wraps around the week', () => {
    expect([getPreviousDay('mon'), getPreviousDay('sun')]).toEqual(['sun', 'sat']);
  });
});
