import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { PostForm } from './parts/post-form.js';

export interface IdpRedirectPageProps {
  providerName: string;
  /** The provider's authorization URL for this one sign-in. */
  url: string;
}

/** The browser redirects by itself; the link is for browsers that do not. */
export const IdpRedirectPage = ({ providerName, url }: IdpRedirectPageProps): JSX.Element => (
  <Layout title="Going to your sign-in">
    <p>
      Your organization signs you in through <bdi class="name">{providerName}</bdi>, with the account that you have
      there.
    </p>
    <div class="actions">
      <a class="button primary" href={url}>
        <span>
          Continue with <bdi>{providerName}</bdi>
        </span>
      </a>
    </div>
  </Layout>
);

export interface ConfirmInvitationPageProps {
  action: string;
  csrf: string;
  /** The invitation's token, so that it need not stay in the URL. */
  token: string;
  email: string;
  providerName: string;
}

/** Confirms an invitation for a user who needs no password. */
export const ConfirmInvitationPage = (props: ConfirmInvitationPageProps): JSX.Element => (
  <Layout title="You need no password here">
    <p>
      Your organization signs you in through <bdi class="name">{props.providerName}</bdi>. Continue with your account
      there for <bdi class="name">{props.email}</bdi>.
    </p>
    <PostForm action={props.action} hidden={{ csrf: props.csrf, token: props.token }}>
      <div class="actions">
        <button type="submit" class="primary">
          Continue
        </button>
      </div>
    </PostForm>
  </Layout>
);
