import type { AllowedHours } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { WEEKDAYS } from '../../platform/time/zoned-time.js';
import { formatHours, isOpen } from './opening-hours.js';

const office: AllowedHours = { days: ['mon', 'wed'], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin' };
const night: AllowedHours = { days: ['sun'], from: '22:00', to: '06:00', timeZone: 'UTC' };
const open = (window: AllowedHours, instant: string): boolean => isOpen([window], Date.parse(instant));

describe('opening hours', () => {
  it('opening hours include their first minute and exclude their last, in local time', () => {
    // Wednesday; Berlin is an hour ahead.
    expect(open(office, '2026-11-25T06:59:59.999Z')).toBe(false);
    expect(open(office, '2026-11-25T07:00:00Z')).toBe(true);
    expect(open(office, '2026-11-25T16:59:59.999Z')).toBe(true);
    expect(open(office, '2026-11-25T17:00:00Z')).toBe(false);
    expect(open(office, '2026-11-24T10:00:00Z')).toBe(false);
  });

  it('opening hours past midnight belong to the day on which they began', () => {
    const hours = { '2026-11-22T21:59:00Z': false, '2026-11-22T22:00:00Z': true, '2026-11-23T05:59:00Z': true };
    for (const [instant, expected] of Object.entries(hours))
      expect([instant, open(night, instant)]).toEqual([instant, expected]);
    expect(open(night, '2026-11-23T06:00:00Z')).toBe(false);
    expect(open(night, '2026-11-23T22:30:00Z')).toBe(false);
    expect(open(night, '2026-11-22T05:00:00Z')).toBe(false);
  });

  it('24:00 means the end of the day', () => {
    const allDay: AllowedHours = { days: ['sat'], from: '00:00', to: '24:00', timeZone: 'UTC' };
    expect(open(allDay, '2026-11-28T00:00:00Z')).toBe(true);
    expect(open(allDay, '2026-11-28T23:59:59.999Z')).toBe(true);
    expect(open(allDay, '2026-11-29T00:00:00Z')).toBe(false);
  });

  it('opening hours follow daylight saving time', () => {
    const early: AllowedHours = { days: [...WEEKDAYS], from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' };
    // 29 March: 01:59 is followed by 03:00. 25 October: 02:00 to 03:00 comes twice.
    expect(['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z'].map((i) => open(early, i))).toEqual(
      [false, false, false],
    );
    expect(
      ['2026-10-24T23:59:00Z', '2026-10-25T00:00:00Z', '2026-10-25T01:59:00Z', '2026-10-25T02:00:00Z'].map((i) =>
        open(early, i),
      ),
    ).toEqual([false, true, true, false]);
    // The same office opens an hour earlier by UTC in summer.
    expect(open(office, '2026-06-24T06:00:00Z')).toBe(true);
    expect(open(office, '2026-06-24T16:00:00Z')).toBe(false);
  });

  it('one open window of several is enough', () => {
    expect(isOpen([office, night], Date.parse('2026-11-22T23:00:00Z'))).toBe(true);
    expect(isOpen([office, night], Date.parse('2026-11-24T12:00:00Z'))).toBe(false);
  });

  it('opening hours are formatted as readable text', () => {
    expect(formatHours([office, night])).toBe('mon, wed 08:00–18:00 (Europe/Berlin); sun 22:00–06:00 (UTC)');
  });
});
