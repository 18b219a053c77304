import type { JSX } from 'preact';
import { Field } from '../parts/field.js';
import { ErrorMessage } from '../parts/messages.js';
import { PostForm } from '../parts/post-form.js';
import { Select } from '../parts/select.js';

export interface CreateVirtualKeyProps {
  csrf: string;
  action: string;
  /** The provider keys that the person may use: their own, their teams' and the organization's. */
  providerKeys: readonly { id: string; name: string; provider: string }[];
  /** Why the last attempt failed. The form is then open and holds what was typed. */
  error?: string;
  typed?: { name?: string; providerKeyIds?: readonly string[]; expiresInDays?: string };
}

/** Lifetimes of a key, in days. */
export const KEY_LIFETIMES = [
  { value: '', text: 'Never' },
  { value: '30', text: 'In 30 days' },
  { value: '90', text: 'In 90 days' },
  { value: '365', text: 'In a year' },
];

export function CreateVirtualKey({
  csrf,
  action,
  providerKeys,
  error,
  typed = {},
}: CreateVirtualKeyProps): JSX.Element {
  const errorId = error === undefined ? undefined : 'create-virtual-key-error';
  const shared = { idPrefix: 'virtual-key-', errorId };
  return (
    <details class="adding" open={error !== undefined}>
      <summary class="button">Create a virtual key</summary>
      {error !== undefined && <ErrorMessage id={errorId}>{error}</ErrorMessage>}
      <PostForm action={action} hidden={{ csrf }} class="fields">
        <Field
          {...shared}
          name="name"
          autofocus={error !== undefined}
          label="Name"
          type="text"
          required
          maxlength={200}
          value={typed.name}
        />
        <Select {...shared} name="expiresInDays" label="Ends" options={KEY_LIFETIMES} selected={typed.expiresInDays} />
        <fieldset>
          <legend>Calls with it use</legend>
          {providerKeys.map(({ id, name, provider }) => (
            <p key={id} class="choice">
              <input
                type="checkbox"
                id={`use-${id}`}
                name="providerKeyIds"
                value={id}
                checked={typed.providerKeyIds?.includes(id)}
              />
              <label for={`use-${id}`}>
                <bdi class="name">{name}</bdi> <span class="muted">{provider}</span>
              </label>
            </p>
          ))}
          <p class="hint">
            {providerKeys.length === 0
              ? 'You have no provider key that you may use yet. Add one first.'
              : 'At most one for each provider.'}
          </p>
        </fieldset>
        <div class="actions">
          <button type="submit" class="primary">
            Create key
          </button>
        </div>
      </PostForm>
    </details>
  );
}
