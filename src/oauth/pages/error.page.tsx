import type { JSX } from 'preact';
import { Layout } from './layout.js';

export interface ErrorPageProps {
  title: string;
  /** What went wrong, in words that may be shown to anyone. */
  message: string;
  /** What the person can do about it. */
  advice?: string;
  /** `invalid_request`: what the protocol calls it. */
  code?: string;
  requestId: string;
}

export const ErrorPage = ({ title, message, advice, code, requestId }: ErrorPageProps): JSX.Element => (
  <Layout title={title}>
    <p>{message}</p>
    {advice !== undefined && <p>{advice}</p>}
    <dl class="trace">
      {code !== undefined && (
        <div>
          <dt>Error</dt>
          <dd>
            <code>{code}</code>
          </dd>
        </div>
      )}
      <div>
        <dt>Request</dt>
        <dd>
          <code>{requestId}</code>
        </dd>
      </div>
    </dl>
  </Layout>
);
