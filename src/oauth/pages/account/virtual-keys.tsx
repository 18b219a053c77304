import type { JSX } from 'preact';
import { Instant } from '../parts/instant.js';
import { RowPanel } from '../parts/row-action.js';
import { Table } from '../parts/table.js';
import { CreateVirtualKey, type CreateVirtualKeyProps } from './create-virtual-key.js';

export interface VirtualKeysProps {
  csrf: string;
  keys: readonly VirtualKeyRow[];
  create: Omit<CreateVirtualKeyProps, 'csrf'>;
}

export interface VirtualKeyRow {
  id: string;
  name: string;
  /** The first characters of the key's value. */
  tokenStart: string;
  status: 'active' | 'expired' | 'revoked' | 'unmapped';
  /** Null: never expires. */
  expiresAt: Date | null;
  /** Display names of the providers. */
  providers: readonly string[];
  lastUsedAt: Date | null;
  /** Absent for a key that cannot be rotated. */
  rotateAction?: string;
  deleteAction: string;
}

const STATUS = { active: 'Active', expired: 'Expired', revoked: 'Revoked', unmapped: 'No provider key' } as const;

export const VirtualKeys = ({ csrf, keys, create }: VirtualKeysProps): JSX.Element => (
  <section class="card" aria-labelledby="virtual-keys">
    <h2 id="virtual-keys">Your virtual keys</h2>
    <p class="muted">For your programs. Use one in place of the provider’s own key.</p>
    <Table
      caption="Your virtual keys"
      columns={['Name', 'Key', 'Status', 'Ends', 'Providers', 'Last used', 'Actions']}
      rows={keys.map((key) => ({
        id: key.id,
        cells: [
          <bdi class="name">{key.name}</bdi>,
          <code>{key.tokenStart}…</code>,
          <span class={`badge ${key.status === 'active' ? 'good' : 'past'}`}>{STATUS[key.status]}</span>,
          <Instant at={key.expiresAt} />,
          key.providers.length === 0 ? <span class="muted">None</span> : key.providers.join(', '),
          <Instant at={key.lastUsedAt} />,
          <Actions row={key} csrf={csrf} />,
        ],
      }))}
      empty="You have no virtual keys."
    />
    <CreateVirtualKey csrf={csrf} {...create} />
  </section>
);

const Actions = ({ row, csrf }: { row: VirtualKeyRow; csrf: string }): JSX.Element => (
  <div class="row-actions">
    {row.rotateAction !== undefined && (
      <RowPanel action={row.rotateAction} csrf={csrf} verb="Rotate" target={row.name} confirm="Rotate key">
        <p>You get a new value. The current one is refused immediately.</p>
      </RowPanel>
    )}
    <RowPanel
      action={row.deleteAction}
      csrf={csrf}
      verb="Delete"
      target={row.name}
      confirm="Delete permanently"
      isDangerous
    >
      <p>Calls with it are refused immediately.</p>
    </RowPanel>
  </div>
);
