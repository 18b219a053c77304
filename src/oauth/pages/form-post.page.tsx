import { createHash } from 'node:crypto';
import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { PostForm } from './parts/post-form.js';

/**
 * `form.submit` could be a field named `submit`, so the prototype's method is used. It has no character that HTML
 * escapes.
 */
const SUBMIT = 'HTMLFormElement.prototype.submit.call(document.forms[0])';

/** The source expression that lets this one script run (CSP 3 §2.3.1). */
export const SUBMIT_SCRIPT_HASH = `'sha256-${createHash('sha256').update(SUBMIT).digest('base64')}'`;

export interface FormPostPageProps {
  action: string;
  fields: Readonly<Record<string, string>>;
}

/** A form that submits itself. Without JavaScript the person presses its button. */
export const FormPostPage = ({ action, fields }: FormPostPageProps): JSX.Element => (
  <Layout title="One moment">
    <p>This page continues automatically. If it does not, press Continue.</p>
    <PostForm action={action} hidden={fields}>
      <div class="actions">
        <button type="submit" class="primary">
          Continue
        </button>
      </div>
    </PostForm>
    <script>{SUBMIT}</script>
  </Layout>
);
