import type { JSX } from 'preact';

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
const TIME = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });

/** Formats the date of an instant, in UTC: `12 Mar 2026`. */
export const formatDay = (at: Date): string => DAY.format(at);

/** Shows an instant in UTC: without scripts, a page cannot know the reader's time zone. */
export function Instant({ at, never = 'Never' }: { at: Date | null; never?: string }): JSX.Element {
  if (at === null) return <span class="muted">{never}</span>;
  return (
    <time datetime={at.toISOString()}>
      {DAY.format(at)} <span class="time">{TIME.format(at)} UTC</span>
    </time>
  );
}
