import type { JSX } from 'preact';
import { Field } from '../parts/field.js';
import { Instant } from '../parts/instant.js';
import { RowPanel } from '../parts/row-action.js';
import { Table } from '../parts/table.js';
import { AddProviderKey, type AddProviderKeyProps } from './add-provider-key.js';

export interface ProviderKeysProps {
  csrf: string;
  keys: readonly ProviderKeyRow[];
  add: Omit<AddProviderKeyProps, 'csrf'>;
}

export interface ProviderKeyRow {
  id: string;
  name: string;
  /** Display name of the provider. */
  provider: string;
  /** Empty for a key in an external store. */
  last4: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  replaceAction: string;
  deleteAction: string;
}

export const ProviderKeys = ({ csrf, keys, add }: ProviderKeysProps): JSX.Element => (
  <section class="card" aria-labelledby="provider-keys">
    <h2 id="provider-keys">Your provider keys</h2>
    <p class="muted">Keys of your own accounts at providers. They are stored encrypted and never shown again.</p>
    <Table
      caption="Your provider keys"
      columns={['Name', 'Provider', 'Key', 'Created', 'Last used', 'Actions']}
      rows={keys.map((key) => ({
        id: key.id,
        cells: [
          <bdi class="name">{key.name}</bdi>,
          key.provider,
          key.last4 === '' ? <span class="muted">Hidden</span> : <code>…{key.last4}</code>,
          <Instant at={key.createdAt} />,
          <Instant at={key.lastUsedAt} />,
          <Actions row={key} csrf={csrf} />,
        ],
      }))}
      empty="You have no keys. Calls use those of your teams and organization."
    />
    <AddProviderKey csrf={csrf} {...add} />
  </section>
);

const Actions = ({ row, csrf }: { row: ProviderKeyRow; csrf: string }): JSX.Element => (
  <div class="row-actions">
    <RowPanel action={row.replaceAction} csrf={csrf} verb="Replace" target={row.name} confirm="Replace key">
      <Field
        name="apiKey"
        idPrefix={`${row.id}-`}
        label="New key"
        hint="Everything that uses this key uses the new one immediately."
        type="password"
        autocomplete="off"
        spellcheck={false}
        required
      />
    </RowPanel>
    <RowPanel
      action={row.deleteAction}
      csrf={csrf}
      verb="Delete"
      target={row.name}
      confirm="Delete permanently"
      isDangerous
    >
      <p>Virtual keys that use it lose this provider immediately.</p>
    </RowPanel>
  </div>
);
