import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { ClientCard, type DeviceClient } from './parts/client-card.js';
import { Field } from './parts/field.js';
import { Caution, ErrorMessage } from './parts/messages.js';
import { PostForm } from './parts/post-form.js';

export interface DeviceCodePageProps {
  formAction: string;
  xsrf: string;
  /** The code that was typed before. */
  userCode?: string;
  error?: string;
}

/** Asks for the code that another device shows (RFC 8628 §3.3). */
export function DeviceCodePage({ formAction, xsrf, userCode, error }: DeviceCodePageProps): JSX.Element {
  const errorId = error === undefined ? undefined : 'code-error';
  return (
    <Layout title="Connect a device">
      {error !== undefined && <ErrorMessage id={errorId}>{error}</ErrorMessage>}
      <PostForm action={formAction} hidden={{ xsrf }}>
        <Field
          name="user_code"
          label="Code"
          hint="As shown by the app or device that you want to connect."
          type="text"
          class="code"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          required
          maxlength={32}
          value={userCode}
          autofocus
          errorId={errorId}
        />
        <div class="actions">
          <button type="submit" class="primary">
            Continue
          </button>
        </div>
      </PostForm>
    </Layout>
  );
}

export interface DeviceConfirmPageProps {
  formAction: string;
  xsrf: string;
  userCode: string;
  client: DeviceClient;
  /** The address that the device's request came from. */
  location: string;
  organizationName?: string;
}

/**
 * Makes the person compare the codes before they continue: a code received by mail or chat may belong to an attacker
 * (RFC 8628 §5.4).
 */
export function DeviceConfirmPage(props: DeviceConfirmPageProps): JSX.Element {
  const { formAction, xsrf, userCode, client, location, organizationName } = props;
  return (
    <Layout title="Is this your device?" organizationName={organizationName}>
      <p class="lead">It must show exactly this code:</p>
      <p class="code">{userCode}</p>
      <ClientCard {...client} />
      <dl class="terms">
        <div>
          <dt>Asked from</dt>
          <dd>
            <bdi>{location}</bdi>
          </dd>
        </div>
      </dl>
      <Caution title="Did someone send you this code?">
        Then cancel. The person with the device would call models on your behalf and at your cost.
      </Caution>
      <PostForm action={formAction} hidden={{ xsrf, user_code: userCode }}>
        <div class="actions">
          <button type="submit" name="confirm" value="yes" class="primary">
            Yes, continue
          </button>
          <button type="submit" name="abort" value="yes">
            Cancel
          </button>
        </div>
      </PostForm>
    </Layout>
  );
}
