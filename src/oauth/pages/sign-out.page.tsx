import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { DoneMessage } from './parts/messages.js';
import { PostForm } from './parts/post-form.js';

export interface SignOutPageProps {
  formAction: string;
  xsrf: string;
  /** The application that sent the person here. */
  clientName?: string;
}

/** Asks for confirmation, because any web page can send a browser here. */
export const SignOutPage = ({ formAction, xsrf, clientName }: SignOutPageProps): JSX.Element => (
  <Layout title="Sign out?">
    {clientName !== undefined && (
      <p class="lead">
        <bdi class="name">{clientName}</bdi> asks whether to sign you out here too.
      </p>
    )}
    <p>This ends your session in this browser. Apps that you allowed stay connected.</p>
    <PostForm action={formAction} hidden={{ xsrf }}>
      <div class="actions">
        <button type="submit" name="logout" value="yes" class="primary">
          Sign out
        </button>
        <button type="submit">Stay signed in</button>
      </div>
    </PostForm>
  </Layout>
);

export const SignedOutPage = (): JSX.Element => (
  <Layout title="You are signed out">
    <DoneMessage>Your session in this browser has ended.</DoneMessage>
    <div class="actions">
      <a class="button" href="/account">
        Sign in again
      </a>
    </div>
  </Layout>
);
