/** Pages that a person sees during the protocol: device codes, signing out, errors. */
import { Injectable } from '@nestjs/common';
import type { VNode } from 'preact';
import type { ClientMetadata, ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientLookup } from '../../../clients/authentication/oauth-client.lookup.js';
import { resemblesProduct } from '../../../clients/metadata/product-name.js';
import { DeviceCodePage, DeviceConfirmPage } from '../../pages/device.page.js';
import { DeviceDonePage } from '../../pages/device-done.page.js';
import { ErrorPage } from '../../pages/error.page.js';
import { findErrorText, INTERACTION_ENDED, type ProtocolError } from '../../protocol/error-texts.js';
import { FormPostPage, SUBMIT_SCRIPT_HASH } from '../../pages/form-post.page.js';
import { LeavePage } from '../../pages/leave.page.js';
import { toFormTarget, isExternalAddress, buildPageHeaders } from '../../pages/http/headers.js';
import { renderPage } from '../../pages/http/render-page.js';
import { SignedOutPage, SignOutPage } from '../../pages/sign-out.page.js';
import { getRedirectHost, describeRegistration } from '../../consent/page/consent-request.js';
import { PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { errors } from '../../oidc-library/oidc-provider.js';
import type { PostedForm } from './posted-form.js';
import { getRequestContext } from '../../oidc-library/request-context.js';

/** A response that leads to a client without the decision of the person at the browser. */
export type ClientRedirect =
  | { kind: 'sign-out'; href: string }
  | { kind: 'error'; href: string; error: ProtocolError }
  | { kind: 'error'; form: PostedForm; error: ProtocolError };

const SIGNED_OUT = { title: 'You are signed out', message: 'Your session in this browser has ended.', isDone: true };

/** State in the session between a form and its submission. */
interface FormState {
  secret: string;
  postLogoutRedirectUri?: string;
}

interface RequestingClient extends Pick<ClientMetadata, never> {
  clientId: string;
  clientName?: string | undefined;
  clientUri?: string | undefined;
}

/** The library's errors that show the form again. */
interface FormError extends Error {
  userCode?: string;
}

const DEVICE_ERRORS: Readonly<Record<string, string>> = {
  NotFoundError: 'This code is unknown. Compare it with what the device shows.',
  ExpiredError: 'This code has expired. Start again on the device.',
  AlreadyUsedError: 'This code has already been used. Start again on the device.',
  NoCodeError: 'Type the code that the device shows.',
  AbortedError: 'Nothing was connected. You can close this page.',
};

@Injectable()
export class ProtocolPages {
  constructor(private readonly directory: OAuthClientLookup) {}

  /** Shows an error. `cause`: the original error, because the library has one code for all faults of a request. */
  renderError(ctx: KoaContextWithOIDC, out: ProtocolError, cause?: unknown): void {
    const isEnded = cause instanceof errors.SessionNotFound;
    // RFC 6749 defines no error code for this.
    const error = ctx.status === 429 ? 'too_many_requests' : out.error;
    const text = isEnded ? INTERACTION_ENDED : findErrorText({ ...out, error });
    respond(ctx, <ErrorPage {...text} code={out.error} requestId={getRequestId(ctx)} />);
  }

  /** Replaces a redirect to a client that the person does not know. */
  renderLeave(ctx: KoaContextWithOIDC, redirect: ClientRedirect): void {
    const { client } = ctx.oidc;
    const clientName = client?.clientName ?? client?.clientId ?? 'The app';
    const form = 'form' in redirect ? redirect.form : null;
    const address = form?.action ?? (redirect as { href: string }).href;
    const text = redirect.kind === 'sign-out' ? SIGNED_OUT : findErrorText(redirect.error);
    if (redirect.kind === 'sign-out') ctx.status = 200;
    else if (ctx.status < 400) ctx.status = 400;
    respond(
      ctx,
      <LeavePage
        {...text}
        clientName={clientName}
        imitatesProduct={resemblesProduct(clientName)}
        host={getRedirectHost(address)}
        target={isExternalAddress(address) ? (form ?? { href: address }) : null}
        code={redirect.kind === 'error' ? redirect.error.error : undefined}
        requestId={getRequestId(ctx)}
      />,
      form === null ? [] : [toFormTarget(form.action)],
    );
  }

  /** Renders the library's self-submitting form as a page of the product. */
  renderPostForm(ctx: KoaContextWithOIDC, { action, fields }: PostedForm): void {
    const { params, entities } = ctx.oidc;
    // Browsers follow redirects after the form only to targets that the page names.
    const next = [action, params?.post_logout_redirect_uri, entities.Interaction?.params.redirect_uri];
    const targets = next.filter((uri) => typeof uri === 'string').map(toFormTarget);
    const externalTargets = targets.filter((target) => target !== new URL(ctx.oidc.issuer).origin);
    ctx.set(buildPageHeaders(externalTargets, SUBMIT_SCRIPT_HASH));
    ctx.body = renderPage(<FormPostPage action={action} fields={fields} />);
  }

  renderDeviceCode(ctx: KoaContextWithOIDC, out?: ErrorOut, error?: FormError): void {
    if (error?.name === 'AbortedError') return this.#renderDeviceOutcome(ctx, 'denied');
    const userCode = error?.userCode ?? getPrefilledCode(ctx);
    const message = error && (DEVICE_ERRORS[error.name] ?? buildDeviceErrorText(out ?? {}));
    respond(
      ctx,
      <DeviceCodePage
        formAction={PROTOCOL_ROUTES.code_verification}
        xsrf={getFormState(ctx).secret}
        {...(userCode === undefined ? {} : { userCode })}
        {...(message === undefined ? {} : { error: message })}
      />,
    );
  }

  async renderDeviceConfirm(ctx: KoaContextWithOIDC, client: RequestingClient, userCode: string): Promise<void> {
    const registeredClient = await this.directory.findByClientId(client.clientId);
    const uri = client.clientUri;
    respond(
      ctx,
      <DeviceConfirmPage
        formAction={PROTOCOL_ROUTES.code_verification}
        xsrf={getFormState(ctx).secret}
        userCode={userCode}
        client={{
          name: client.clientName ?? client.clientId,
          isSelfRegistered: registeredClient?.organizationId === null,
          ...describeRegistration(client, registeredClient),
          ...(uri === undefined ? {} : { uri }),
          ...(registeredClient?.source === 'metadata_document' ? { clientIdHost: new URL(client.clientId).host } : {}),
        }}
        location={getDeviceAddress(ctx)}
      />,
    );
  }

  renderDeviceDone(ctx: KoaContextWithOIDC): void {
    this.#renderDeviceOutcome(ctx, 'allowed');
  }

  renderSignOut(ctx: KoaContextWithOIDC): void {
    const { secret, postLogoutRedirectUri } = getFormState(ctx);
    const clientName = ctx.oidc.client?.clientName;
    const targets = postLogoutRedirectUri === undefined ? [] : [toFormTarget(postLogoutRedirectUri)];
    respond(
      ctx,
      <SignOutPage
        formAction={`${PROTOCOL_ROUTES.end_session}/confirm`}
        xsrf={secret}
        {...(clientName === undefined ? {} : { clientName })}
      />,
      targets,
    );
  }

  renderSignedOut(ctx: KoaContextWithOIDC): void {
    respond(ctx, <SignedOutPage />);
  }

  #renderDeviceOutcome(ctx: KoaContextWithOIDC, outcome: 'allowed' | 'denied'): void {
    const { client } = ctx.oidc;
    respond(ctx, <DeviceDonePage clientName={client?.clientName ?? 'The app'} outcome={outcome} />);
  }
}

/** Returns the text above the form when it is shown again: all that the person can do is send it once more. */
function buildDeviceErrorText(out: ProtocolError): string {
  const { message, advice } = findErrorText(out);
  return `${message} ${advice}`;
}

const getRequestId = (ctx: KoaContextWithOIDC): string => getRequestContext(ctx.req)?.requestId ?? '';

const getFormState = (ctx: KoaContextWithOIDC): FormState => ctx.oidc.session!.state as unknown as FormState;

/** Returns the code from the URL (RFC 8628 §3.3.1). The person still compares and sends it. */
const getPrefilledCode = (ctx: KoaContextWithOIDC): string | undefined => (ctx.state as { userCode?: string }).userCode;

function getDeviceAddress(ctx: KoaContextWithOIDC): string {
  const address = ctx.oidc.entities.DeviceCode?.deviceInfo?.address;
  return typeof address === 'string' ? address : 'an unknown address';
}

function respond(ctx: KoaContextWithOIDC, page: VNode, formTargets: readonly string[] = []): void {
  ctx.set(buildPageHeaders(formTargets));
  ctx.body = renderPage(page);
}
