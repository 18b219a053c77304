import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { Trace } from './parts/trace.js';

export interface ErrorPageProps {
  title: string;
  /** What happened, in words that may be shown to everyone. */
  message: string;
  /** What the person can do. */
  advice?: string;
  /** Protocol name of the error: `invalid_request`. */
  code?: string | undefined;
  requestId: string;
}

export const ErrorPage = ({ title, message, advice, code, requestId }: ErrorPageProps): JSX.Element => (
  <Layout title={title}>
    <p>{message}</p>
    {advice !== undefined && <p>{advice}</p>}
    <Trace code={code} requestId={requestId} />
  </Layout>
);
