import type { JSX } from 'preact';
import { Field } from '../parts/field.js';
import { ErrorMessage } from '../parts/messages.js';
import { PostForm } from '../parts/post-form.js';
import { Select } from '../parts/select.js';

export interface AddProviderKeyProps {
  csrf: string;
  action: string;
  providers: readonly { id: string; displayName: string }[];
  /** Why the last attempt failed. The form is then open and holds what was typed, except the key. */
  error?: string;
  typed?: { name?: string; provider?: string; baseUrl?: string };
}

export function AddProviderKey({ csrf, action, providers, error, typed = {} }: AddProviderKeyProps): JSX.Element {
  const errorId = error === undefined ? undefined : 'add-provider-key-error';
  const options = providers.map(({ id, displayName }) => ({ value: id, text: displayName }));
  const shared = { idPrefix: 'provider-key-', errorId };
  return (
    <details class="adding" open={error !== undefined}>
      <summary class="button">Add a provider key</summary>
      {error !== undefined && <ErrorMessage id={errorId}>{error}</ErrorMessage>}
      <PostForm action={action} hidden={{ csrf }} class="fields">
        <Field {...shared} name="name" label="Name" type="text" required maxlength={200} value={typed.name} />
        <Select {...shared} name="provider" label="Provider" options={options} selected={typed.provider} />
        <Field
          {...shared}
          name="apiKey"
          autofocus={error !== undefined}
          label="Key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          hint="It is stored encrypted and never shown again."
        />
        <Field
          {...shared}
          name="baseUrl"
          label="Base URL (optional)"
          type="url"
          value={typed.baseUrl}
          hint="Only for a custom address, such as an Azure resource."
        />
        <div class="actions">
          <button type="submit" class="primary">
            Add key
          </button>
        </div>
      </PostForm>
    </details>
  );
}
