import type { JSX } from 'preact';
import { Layout } from './parts/layout.js';
import { Field } from './parts/field.js';
import { ImitationCaution } from './parts/imitation-caution.js';
import { ErrorMessage } from './parts/messages.js';
import { PostForm } from './parts/post-form.js';

export interface SignInPageProps {
  action: string;
  csrf: string;
  /** The address typed before a failed attempt, or the application's hint. */
  email?: string;
  /** The same for an unknown address and a wrong password. */
  error?: string;
  /** The application that the person signs in to. */
  clientName?: string;
  clientHost?: string;
  /** Whether the application's name looks like the name of the product. */
  imitatesProduct?: boolean;
  rememberDefault?: boolean;
  /** Sign-in through identity providers. */
  idp?: IdpChoice;
}

export interface IdpChoice {
  /** Target of the form for the choice. */
  action: string;
  providers: readonly { id: string; name: string }[];
  /** Whether an address alone may lead to a provider. */
  byAddress: boolean;
}

export function SignInPage(props: SignInPageProps): JSX.Element {
  const {
    action,
    csrf,
    email,
    error,
    clientName,
    clientHost,
    imitatesProduct = false,
    rememberDefault = false,
    idp,
  } = props;
  const errorId = error === undefined ? undefined : 'sign-in-error';
  return (
    <Layout title="Sign in">
      {clientName !== undefined && (
        <p class="lead">
          to continue to <bdi class="name">{clientName}</bdi>
          {clientHost !== undefined && <bdi class="host">{clientHost}</bdi>}
        </p>
      )}
      {imitatesProduct && <ImitationCaution />}
      {error !== undefined && <ErrorMessage id={errorId}>{error}</ErrorMessage>}
      <PostForm action={action} hidden={{ csrf }}>
        <Field
          name="email"
          label="E-mail address"
          type="email"
          autocomplete="username"
          required
          maxlength={254}
          value={email}
          autofocus={email === undefined}
          errorId={errorId}
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          required={!idp?.byAddress}
          autofocus={email !== undefined}
          {...(idp?.byAddress ? { hint: 'Leave it empty if your organization signs you in elsewhere.' } : {})}
          errorId={errorId}
        />
        <p class="choice">
          <input type="checkbox" id="remember" name="remember" value="yes" checked={rememberDefault} />
          <label for="remember">Keep me signed in on this device</label>
        </p>
        <div class="actions">
          <button type="submit" class="primary">
            Sign in
          </button>
        </div>
      </PostForm>
      {idp !== undefined && idp.providers.length > 0 && <IdpButtons {...idp} csrf={csrf} />}
      <p class="footnote">
        No account, or forgot your password? An administrator of your organization can send you a new link.
      </p>
    </Layout>
  );
}

const IdpButtons = ({ action, providers, csrf }: IdpChoice & { csrf: string }): JSX.Element => (
  <PostForm action={action} hidden={{ csrf }} class="other-ways">
    <p class="or">or</p>
    {providers.map(({ id, name }) => (
      <button key={id} type="submit" name="provider" value={id}>
        <span>
          Continue with <bdi>{name}</bdi>
        </span>
      </button>
    ))}
  </PostForm>
);
