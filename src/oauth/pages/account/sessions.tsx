import type { JSX } from 'preact';
import { Instant } from '../parts/instant.js';
import { RowButton } from '../parts/row-action.js';
import { Table } from '../parts/table.js';

export interface SessionsProps {
  csrf: string;
  sessions: readonly SessionRow[];
}

export interface SessionRow {
  id: string;
  /** Whether this page is shown in that session. */
  isCurrent: boolean;
  startedAt: Date;
  lastSeenAt: Date;
  /** Browser name, such as `Firefox on Linux`. */
  browser: string;
  address: string;
  endAction: string;
}

export const Sessions = ({ csrf, sessions }: SessionsProps): JSX.Element => (
  <section class="card" aria-labelledby="sessions">
    <h2 id="sessions">Where you are signed in</h2>
    <Table
      caption="Your sessions"
      columns={['Browser', 'Address', 'Started', 'Last seen', 'Actions']}
      rows={sessions.map((session) => ({
        id: session.id,
        cells: [
          <>
            <bdi class="name">{session.browser}</bdi>
            {session.isCurrent && <span class="badge good">This one</span>}
          </>,
          session.address,
          <Instant at={session.startedAt} />,
          <Instant at={session.lastSeenAt} />,
          <RowButton
            action={session.endAction}
            csrf={csrf}
            verb="End"
            target={`the session of ${session.browser} at ${session.address}`}
          />,
        ],
      }))}
      empty="You have no active sessions."
    />
  </section>
);
