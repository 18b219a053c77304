import { STATUS_CODES } from 'node:http';
import type { JSX } from 'preact';
import { Layout } from '../../oauth/pages/parts/layout.js';
import { ERROR_CATALOG, ERROR_CODES, type ErrorCode } from '../../platform/errors/error-catalog.js';
import { ERROR_HELP } from '../../platform/errors/error-help.js';
import { ERROR_PAGES_PATH } from '../../platform/http/problem-details.js';
import { HelpText } from './help-text.js';

/** Explains one code. */
export function ErrorCodePage({ code }: { code: ErrorCode }): JSX.Element {
  const { status, title } = ERROR_CATALOG[code];
  const { cause, fix } = ERROR_HELP[code];
  return (
    <Layout title={title}>
      <dl class="terms">
        <div>
          <dt>Error code</dt>
          <dd>
            <code>{code}</code>
          </dd>
        </div>
        <div>
          <dt>HTTP status</dt>
          <dd>{`${status} ${STATUS_CODES[status]!}`}</dd>
        </div>
        <div>
          <dt>Cause</dt>
          <dd>
            <HelpText text={cause} />
          </dd>
        </div>
        <div>
          <dt>Fix</dt>
          <dd>
            <HelpText text={fix} />
          </dd>
        </div>
      </dl>
      <p class="footnote">
        The text of an error names the details. Its request id leads an administrator to the log. See{' '}
        <a href={ERROR_PAGES_PATH}>all error codes</a> and the <a href="/api/docs">admin API</a>.
      </p>
    </Layout>
  );
}

/** Lists all codes. */
export const ErrorCodesPage = (): JSX.Element => (
  <Layout title="Error codes">
    <p>Every error of the gateway has one of these codes. A code and its status never change.</p>
    <dl class="terms">
      {ERROR_CODES.map((code) => (
        <div key={code}>
          <dt>{`${ERROR_CATALOG[code].status} · ${ERROR_CATALOG[code].title}`}</dt>
          <dd>
            <a href={`${ERROR_PAGES_PATH}/${code}`}>{code}</a>
          </dd>
        </div>
      ))}
    </dl>
    <p class="footnote">
      See also the <a href="/api/docs">admin API</a>.
    </p>
  </Layout>
);

export const UnknownCodePage = (): JSX.Element => (
  <Layout title="There is no such error code">
    <p>
      The gateway has no error with this code. These are <a href={ERROR_PAGES_PATH}>all error codes</a>.
    </p>
  </Layout>
);
