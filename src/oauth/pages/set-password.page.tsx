import type { JSX } from 'preact';
import { MIN_PASSWORD_LENGTH } from '../../orgs/sign-in/password-hash.js';
import { Layout } from './parts/layout.js';
import { Field } from './parts/field.js';
import { DoneMessage, ErrorMessage } from './parts/messages.js';
import { PostForm } from './parts/post-form.js';

export interface SetPasswordPageProps {
  action: string;
  csrf: string;
  /** The invitation's token, so that it need not stay in the URL. */
  token: string;
  email: string;
  error?: string;
}

export function SetPasswordPage({ action, csrf, token, email, error }: SetPasswordPageProps): JSX.Element {
  const errorId = error === undefined ? undefined : 'password-error';
  const password = {
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    minlength: MIN_PASSWORD_LENGTH,
  } as const;
  return (
    <Layout title="Choose a password">
      {error !== undefined && <ErrorMessage id={errorId}>{error}</ErrorMessage>}
      <PostForm action={action} hidden={{ csrf, token }}>
        {/* Read-only; password managers learn from it which account the password belongs to. */}
        <Field name="email" label="E-mail address" type="email" autocomplete="username" value={email} readonly />
        <Field
          {...password}
          name="password"
          label="New password"
          hint={`At least ${MIN_PASSWORD_LENGTH} characters. A few unrelated words are best.`}
          autofocus
          errorId={errorId}
        />
        <Field {...password} name="passwordAgain" label="The same password again" errorId={errorId} />
        <div class="actions">
          <button type="submit" class="primary">
            Set password
          </button>
        </div>
      </PostForm>
    </Layout>
  );
}

export interface PasswordSetPageProps {
  continueUrl: string;
}

export const PasswordSetPage = ({ continueUrl }: PasswordSetPageProps): JSX.Element => (
  <Layout title="Your password is set">
    <DoneMessage>Sign in with it from now on. The link that you used is no longer valid.</DoneMessage>
    <div class="actions">
      <a class="button primary" href={continueUrl}>
        Continue
      </a>
    </div>
  </Layout>
);
