/** Pages that a person sees during the protocol: device codes, signing out, errors. */
import { Injectable } from '@nestjs/common';
import type { VNode } from 'preact';
import type { ClientMetadata, ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientDirectory } from '../../../clients/authentication/oauth-client.lookup.js';
import { resemblesProduct } from '../../../clients/metadata/product-name.js';
import { DeviceCodePage, DeviceConfirmPage } from '../../pages/device.page.js';
import { DeviceDonePage } from '../../pages/device-done.page.js';
import { ErrorPage } from '../../pages/error.page.js';
import { errorTextOf, INTERACTION_OVER, type ProtocolError } from '../../protocol/error-texts.js';
import { FormPostPage, SUBMIT_SCRIPT_HASH } from '../../pages/form-post.page.js';
import { LeavePage } from '../../pages/leave.page.js';
import { formTargetOf, leadsElsewhere, pageHeaders } from '../../pages/http/headers.js';
import { renderPage } from '../../pages/http/render-page.js';
import { SignedOutPage, SignOutPage } from '../../pages/sign-out.page.js';
import { hostOf, standingOf } from '../../consent/page/consent-request.js';
import { PROTOCOL_ROUTES } from '../../protocol/paths.js';
import { errors } from '../../oidc-library/oidc-provider.js';
import type { PostedForm } from './posted-form.js';
import { factsOf } from '../../oidc-library/request-context.js';

/** A response that leads to a client without the decision of the person at the browser. */
export type Onward =
  | { kind: 'sign-out'; href: string }
  | { kind: 'error'; href: string; error: ProtocolError }
  | { kind: 'error'; form: PostedForm; error: ProtocolError };

const SIGNED_OUT = { title: 'You are signed out', message: 'Your session in this browser has ended.', isDone: true };

/** State in the session between a form and its submission. */
interface FormState {
  secret: string;
  postLogoutRedirectUri?: string;
}

interface AskingClient extends Pick<ClientMetadata, never> {
  clientId: string;
  clientName?: string | undefined;
  clientUri?: string | undefined;
}

/** The library's errors that show the form again. */
interface FormError extends Error {
  userCode?: string;
}

const DEVICE_ERRORS: Readonly<Record<string, string>> = {
  NotFoundError: 'This code is not known. Compare it with what the device shows.',
  ExpiredError: 'This code has expired. Start again on the device.',
  AlreadyUsedError: 'This code was used already. Start again on the device.',
  NoCodeError: 'Type the code that the device shows.',
  AbortedError: 'Nothing was connected. You can close this page.',
};

@Injectable()
export class ProtocolPages {
  constructor(private readonly directory: OAuthClientDirectory) {}

  /** Shows an error. `cause`: the original error, because the library has one code for all faults of a request. */
  error(ctx: KoaContextWithOIDC, out: ProtocolError, cause?: unknown): void {
    const isOver = cause instanceof errors.SessionNotFound;
    // RFC 6749 defines no error code for this.
    const error = ctx.status === 429 ? 'too_many_requests' : out.error;
    const text = isOver ? INTERACTION_OVER : errorTextOf({ ...out, error });
    respond(ctx, <ErrorPage {...text} code={out.error} requestId={requestIdOf(ctx)} />);
  }

  /** Replaces a redirect to a client that the person does not know. */
  leave(ctx: KoaContextWithOIDC, onward: Onward): void {
    const { client } = ctx.oidc;
    const clientName = client?.clientName ?? client?.clientId ?? 'The app';
    const form = 'form' in onward ? onward.form : null;
    const address = form?.action ?? (onward as { href: string }).href;
    const text = onward.kind === 'sign-out' ? SIGNED_OUT : errorTextOf(onward.error);
    if (onward.kind === 'sign-out') ctx.status = 200;
    else if (ctx.status < 400) ctx.status = 400;
    respond(
      ctx,
      <LeavePage
        {...text}
        clientName={clientName}
        imitatesProduct={resemblesProduct(clientName)}
        host={hostOf(address)}
        target={leadsElsewhere(address) ? (form ?? { href: address }) : null}
        code={onward.kind === 'error' ? onward.error.error : undefined}
        requestId={requestIdOf(ctx)}
      />,
      form === null ? [] : [formTargetOf(form.action)],
    );
  }

  /** Renders the library's self-submitting form as a page of the product. */
  postForm(ctx: KoaContextWithOIDC, { action, fields }: PostedForm): void {
    const { params, entities } = ctx.oidc;
    // Browsers follow redirects after the form only to targets that the page names.
    const next = [action, params?.post_logout_redirect_uri, entities.Interaction?.params.redirect_uri];
    const targets = next.filter((uri) => typeof uri === 'string').map(formTargetOf);
    const elsewhere = targets.filter((target) => target !== new URL(ctx.oidc.issuer).origin);
    ctx.set(pageHeaders(elsewhere, SUBMIT_SCRIPT_HASH));
    ctx.body = renderPage(<FormPostPage action={action} fields={fields} />);
  }

  deviceCode(ctx: KoaContextWithOIDC, out?: ErrorOut, error?: FormError): void {
    if (error?.name === 'AbortedError') return this.#deviceDone(ctx, 'denied');
    const userCode = error?.userCode ?? prefilledCode(ctx);
    const message = error && (DEVICE_ERRORS[error.name] ?? deviceErrorText(out ?? {}));
    respond(
      ctx,
      <DeviceCodePage
        formAction={PROTOCOL_ROUTES.code_verification}
        xsrf={stateOf(ctx).secret}
        {...(userCode === undefined ? {} : { userCode })}
        {...(message === undefined ? {} : { error: message })}
      />,
    );
  }

  async deviceConfirm(ctx: KoaContextWithOIDC, client: AskingClient, userCode: string): Promise<void> {
    const known = await this.directory.byClientId(client.clientId);
    const uri = client.clientUri;
    respond(
      ctx,
      <DeviceConfirmPage
        formAction={PROTOCOL_ROUTES.code_verification}
        xsrf={stateOf(ctx).secret}
        userCode={userCode}
        client={{
          name: client.clientName ?? client.clientId,
          isSelfRegistered: known?.organisationId === null,
          ...standingOf(client, known),
          ...(uri === undefined ? {} : { uri }),
          ...(known?.source === 'metadata_document' ? { clientIdHost: new URL(client.clientId).host } : {}),
        }}
        location={addressOf(ctx)}
      />,
    );
  }

  deviceDone(ctx: KoaContextWithOIDC): void {
    this.#deviceDone(ctx, 'allowed');
  }

  signOut(ctx: KoaContextWithOIDC): void {
    const { secret, postLogoutRedirectUri } = stateOf(ctx);
    const clientName = ctx.oidc.client?.clientName;
    const targets = postLogoutRedirectUri === undefined ? [] : [formTargetOf(postLogoutRedirectUri)];
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

  signedOut(ctx: KoaContextWithOIDC): void {
    respond(ctx, <SignedOutPage />);
  }

  #deviceDone(ctx: KoaContextWithOIDC, outcome: 'allowed' | 'denied'): void {
    const { client } = ctx.oidc;
    respond(ctx, <DeviceDonePage clientName={client?.clientName ?? 'The app'} outcome={outcome} />);
  }
}

/** Returns the text above the form when it is shown again: all that the person can do is send it once more. */
function deviceErrorText(out: ProtocolError): string {
  const { message, advice } = errorTextOf(out);
  return `${message} ${advice}`;
}

const requestIdOf = (ctx: KoaContextWithOIDC): string => factsOf(ctx.req)?.requestId ?? '';

const stateOf = (ctx: KoaContextWithOIDC): FormState => ctx.oidc.session!.state as unknown as FormState;

/** Returns the code from the URL (RFC 8628 §3.3.1). The person still compares and sends it. */
const prefilledCode = (ctx: KoaContextWithOIDC): string | undefined => (ctx.state as { userCode?: string }).userCode;

function addressOf(ctx: KoaContextWithOIDC): string {
  const address = ctx.oidc.entities.DeviceCode?.deviceInfo?.address;
  return typeof address === 'string' ? address : 'an unknown address';
}

function respond(ctx: KoaContextWithOIDC, page: VNode, formTargets: readonly string[] = []): void {
  ctx.set(pageHeaders(formTargets));
  ctx.body = renderPage(page);
}
