import type { JSX } from 'preact';
import type { InvitationState } from '../../orgs/sign-in/invitations.service.js';
import { Layout } from './parts/layout.js';

interface Text {
  title: string;
  message: string;
  canSignIn: boolean;
}

const NEW_LINK = 'An administrator of your organization can send you a new one.';

const TEXTS: Readonly<Record<InvitationState, Text>> = {
  used: {
    title: 'This link has already been used',
    message: `A link sets a password once. Sign in with your password. If you did not set one, or forgot it, you need a new link. ${NEW_LINK}`,
    canSignIn: true,
  },
  expired: {
    title: 'This link has expired',
    message: `You need a new link. ${NEW_LINK}`,
    canSignIn: false,
  },
  unknown: {
    title: 'This link is not valid',
    message: `It is incomplete, or a newer link has replaced it. Open the newest link that you received. ${NEW_LINK}`,
    canSignIn: false,
  },
};

/** Replaces the form of an invitation that has expired, was used, is unknown or was replaced. */
export const InvitationEndedPage = ({ end, signInUrl }: { end: InvitationState; signInUrl: string }): JSX.Element => {
  const { title, message, canSignIn } = TEXTS[end];
  return (
    <Layout title={title}>
      <p>{message}</p>
      {canSignIn && (
        <div class="actions">
          <a class="button primary" href={signInUrl}>
            Sign in
          </a>
        </div>
      )}
    </Layout>
  );
};
