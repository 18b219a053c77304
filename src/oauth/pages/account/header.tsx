import type { JSX } from 'preact';
import { PostForm } from '../parts/post-form.js';

export interface AccountHeaderProps {
  csrf: string;
  user: { name: string; email: string };
  organizationName: string;
  signOutAction: string;
}

export const AccountHeader = ({ csrf, user, organizationName, signOutAction }: AccountHeaderProps): JSX.Element => (
  <div class="who">
    <p>
      <bdi class="name">{user.name}</bdi>
      {user.name !== user.email && <bdi class="muted">{user.email}</bdi>}
      <bdi class="muted">{organizationName}</bdi>
    </p>
    <PostForm action={signOutAction} hidden={{ csrf }}>
      <button type="submit">Sign out</button>
    </PostForm>
  </div>
);
