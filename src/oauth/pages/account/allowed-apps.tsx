import type { JSX } from 'preact';
import { Instant } from '../parts/instant.js';
import { RowButton } from '../parts/row-action.js';
import { Table } from '../parts/table.js';

export interface AllowedAppsProps {
  csrf: string;
  apps: readonly AllowedAppRow[];
}

export interface AllowedAppRow {
  id: string;
  name: string;
  /** Where the app's responses are sent. Absent for an app without redirects, such as a device. */
  host?: string;
  /** What the app may do. */
  scopes: readonly { name: string; meaning: string }[];
  since: Date;
  lastUsedAt: Date | null;
  revokeAction: string;
}

export const AllowedApps = ({ csrf, apps }: AllowedAppsProps): JSX.Element => (
  <section class="card" aria-labelledby="apps">
    <h2 id="apps">Apps that act for you</h2>
    <p class="muted">An app that you revoke is refused from its next call on. It can ask you again.</p>
    <Table
      caption="Apps that you allowed"
      columns={['App', 'May', 'Since', 'Last used', 'Actions']}
      rows={apps.map((app) => ({
        id: app.id,
        cells: [
          <>
            <bdi class="name">{app.name}</bdi>
            {app.host !== undefined && <bdi class="host">{app.host}</bdi>}
          </>,
          <ul class="plain">
            {app.scopes.map(({ name, meaning }) => (
              <li key={name}>{meaning}</li>
            ))}
          </ul>,
          <Instant at={app.since} />,
          <Instant at={app.lastUsedAt} />,
          <RowButton action={app.revokeAction} csrf={csrf} verb="Revoke" target={app.name} />,
        ],
      }))}
      empty="You have not allowed any app."
    />
  </section>
);
