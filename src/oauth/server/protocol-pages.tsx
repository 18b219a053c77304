/** The pages that a person sees in the middle of the protocol: device codes, signing out, errors. */
import { Injectable } from '@nestjs/common';
import type { VNode } from 'preact';
import type { ClientMetadata, ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { OAuthClientDirectory } from '../../clients/oauth-client.directory.js';
import { DeviceCodePage, DeviceConfirmPage } from '../pages/device.page.js';
import { DeviceDonePage } from '../pages/device-done.page.js';
import { ErrorPage } from '../pages/error.page.js';
import { formTargetOf, pageHeaders } from '../pages/page-headers.js';
import { renderPage } from '../pages/render-page.js';
import { SignedOutPage, SignOutPage } from '../pages/sign-out.page.js';
import { PROTOCOL_ROUTES } from '../oauth-paths.js';
import { factsOf } from './request-facts.js';

/** What stands in the session between a form and its answer. */
interface FormState {
  secret: string;
  postLogoutRedirectUri?: string;
}

interface AskingClient extends Pick<ClientMetadata, never> {
  clientId: string;
  clientName?: string | undefined;
  clientUri?: string | undefined;
}

/** Of the library's errors that show the form again. */
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

  error(ctx: KoaContextWithOIDC, out: ErrorOut): void {
    const isExpired = out.error_description === 'authorization request has expired';
    const isAway = out.error === 'temporarily_unavailable';
    respond(
      ctx,
      <ErrorPage
        title="This did not work"
        message={out.error_description ?? 'The request could not be understood.'}
        advice={
          isAway
            ? 'Wait a few seconds, and reload this page.'
            : isExpired
              ? 'Go back to the app and start again.'
              : 'Go back to the app that sent you here. If it happens again, give its maker what stands below.'
        }
        code={out.error}
        requestId={factsOf(ctx.req)?.requestId ?? ''}
      />,
    );
  }

  deviceCode(ctx: KoaContextWithOIDC, out?: ErrorOut, error?: FormError): void {
    if (error?.name === 'AbortedError') return this.#deviceDone(ctx, 'denied');
    const userCode = error?.userCode ?? prefilledCode(ctx);
    const message = error && (DEVICE_ERRORS[error.name] ?? out?.error_description ?? 'This did not work. Try again.');
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

const stateOf = (ctx: KoaContextWithOIDC): FormState => ctx.oidc.session!.state as unknown as FormState;

/** The code that came with the address (RFC 8628 §3.3.1), which the person still compares and sends. */
const prefilledCode = (ctx: KoaContextWithOIDC): string | undefined => (ctx.state as { userCode?: string }).userCode;

function addressOf(ctx: KoaContextWithOIDC): string {
  const address = ctx.oidc.entities.DeviceCode?.deviceInfo?.address;
  return typeof address === 'string' ? address : 'an unknown address';
}

function respond(ctx: KoaContextWithOIDC, page: VNode, formTargets: readonly string[] = []): void {
  ctx.set(pageHeaders(formTargets));
  ctx.body = renderPage(page);
}
