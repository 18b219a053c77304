import type { JSX } from 'preact';

export interface TraceProps {
  /** Protocol name of the error: `invalid_request`. */
  code?: string | undefined;
  requestId: string;
}

/** Shows the details that a person can give to the developer of the app or to an administrator. */
export const Trace = ({ code, requestId }: TraceProps): JSX.Element => (
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
);
