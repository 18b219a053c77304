import type { JSX } from 'preact';
import { Layout } from '../parts/layout.js';
import { Caution } from '../parts/messages.js';

export interface NewSecretPageProps {
  title: string;
  value: string;
  backUrl: string;
  /** How the secret is used. */
  note: string;
}

/** Shows a secret once. The field is read-only, so that the keyboard alone can select and copy it. */
export const NewSecretPage = ({ title, value, backUrl, note }: NewSecretPageProps): JSX.Element => (
  <Layout title={title}>
    <p>{note}</p>
    <div class="field">
      <label for="secret">Your key</label>
      <textarea id="secret" class="secret" rows={3} readonly spellcheck={false} autocomplete="off" autofocus>
        {value}
      </textarea>
    </div>
    <Caution title="Copy it now">It is not stored and cannot be shown again. Treat it like a password.</Caution>
    <div class="actions">
      <a class="button primary" href={backUrl}>
        I have copied it
      </a>
    </div>
  </Layout>
);
