import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { DoneMessage } from './parts/messages.js';

export interface DeviceDonePageProps {
  clientName: string;
  outcome: 'allowed' | 'denied';
}

export const DeviceDonePage = ({ clientName, outcome }: DeviceDonePageProps): JSX.Element =>
  outcome === 'allowed' ? (
    <Layout title="Your device is connected">
      <DoneMessage>
        <bdi class="name">{clientName}</bdi> continues automatically. You can close this page.
      </DoneMessage>
      <p class="footnote">
        You can revoke this at any time on <a href="/account">your account page</a>.
      </p>
    </Layout>
  ) : (
    <Layout title="Nothing was connected">
      <p>
        <bdi class="name">{clientName}</bdi> knows that you do not allow it. You can close this page.
      </p>
    </Layout>
  );
