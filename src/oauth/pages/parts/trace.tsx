import type { JSX } from 'preact';

export interface TraceProps {
  /** `invalid_request`: the name of the error in the protocol. */
  code?: string | undefined;
  requestId: string;
}

/** What a person can give to the developer of the app or to an administrator. */
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
