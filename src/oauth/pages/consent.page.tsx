import type { ComponentChildren, JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { ClientCard, type RequestingClient } from './parts/client-card.js';
import { Caution } from './parts/messages.js';
import { PostForm } from './parts/post-form.js';

export interface ConsentPageProps {
  action: string;
  csrf: string;
  client: RequestingClient;
  organizationName: string;
  user: { email: string };
  scopes: readonly { name: string; meaning: string }[];
  /** Who pays for calls, one sentence per line. Empty when the application may make none. */
  billing: readonly string[];
  /** How long the consent is valid: `for 90 days, or until you revoke it`. */
  duration: string;
  /** Target of the form with which the person switches to a different user. */
  switchUserAction?: string;
}

/** Asks a person whether an application may act for them. The pressed button is the decision. */
export function ConsentPage(props: ConsentPageProps): JSX.Element {
  const { action, csrf, client, organizationName, user, scopes, billing, duration, switchUserAction } = props;
  return (
    <Layout title="Allow this app?" organizationName={organizationName}>
      <ClientCard {...client} />
      {scopes.some(({ name }) => name === 'admin:write') && <AdminCaution organizationName={organizationName} />}
      <PostForm action={action} hidden={{ csrf }}>
        <dl class="terms">
          <Term name="It will be able to">
            <ul>
              {scopes.map(({ name, meaning }) => (
                <li key={name}>
                  {meaning} <code>{name}</code>
                </li>
              ))}
            </ul>
          </Term>
          <Term name="As">
            <bdi class="name">{user.email}</bdi> of <bdi class="name">{organizationName}</bdi>
            {switchUserAction !== undefined && (
              <button type="submit" class="link" formaction={switchUserAction}>
                Use another account
              </button>
            )}
          </Term>
          {billing.length > 0 && (
            <Term name="Who pays">
              <ul>
                {billing.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </Term>
          )}
          <Term name="How long">{duration}</Term>
        </dl>
        <div class="actions">
          <button type="submit" name="decision" value="allow" class="primary">
            Allow
          </button>
          <button type="submit" name="decision" value="deny">
            Deny
          </button>
        </div>
      </PostForm>
    </Layout>
  );
}

const AdminCaution = ({ organizationName }: Pick<ConsentPageProps, 'organizationName'>): JSX.Element => (
  <Caution title="Asks to administer your organization">
    Everything that you may change in <bdi class="name">{organizationName}</bdi>, this app could change on your behalf:
    users, keys, limits and settings. Allow it only if you know this app and expected this request.
  </Caution>
);

const Term = ({ name, children }: { name: string; children: ComponentChildren }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
