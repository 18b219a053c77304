/** Selects the features of oidc-provider and connects them to the gateway. */
import { Injectable } from '@nestjs/common';
import type { Client, Configuration, ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { AppConfig } from '../../../platform/config/app-config.js';
import { IntrospectionPolicy } from '../../tokens/introspection.policy.js';
import { MetadataDocuments } from '../../registration/metadata-documents.js';
import { ProtocolPages } from '../http/protocol-pages.js';
import { DynamicClientRegistration } from '../../registration/dynamic-client-registration.js';
import { getRequestContext } from '../../oidc-library/request-context.js';
import { ResourceIndicators } from './resource-indicators.js';

@Injectable()
export class OidcFeatures {
  constructor(
    private readonly config: AppConfig,
    private readonly resources: ResourceIndicators,
    private readonly pages: ProtocolPages,
    private readonly documents: MetadataDocuments,
    private readonly registration: DynamicClientRegistration,
    private readonly introspection: IntrospectionPolicy,
  ) {}

  renderError(ctx: KoaContextWithOIDC, out: ErrorOut, cause: unknown): void {
    this.pages.renderError(ctx, out, cause);
  }

  build(): NonNullable<Configuration['features']> {
    const isOpen = this.config.oauth.selfRegistration;
    return {
      clientCredentials: { enabled: true },
      // While the LLM routes do not verify proofs, a bound token would be accepted as a bearer token.
      dPoP: { enabled: false },
      devInteractions: { enabled: false },
      claimsParameter: { enabled: false },
      userinfo: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => this.introspection.mayIntrospect(client.clientId, token),
      },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client, oneOf) => this.resources.getDefaultResource(ctx, client, oneOf),
        // Otherwise a request with `openid` and no resource gets a token that is valid for userinfo only.
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, indicator, client) => this.resources.getServerInfo(ctx, indicator, client),
      },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        // Shown to the person who decides, who knows where the device is.
        deviceInfo: (ctx) => ({ address: getRequestContext(ctx.req)?.clientAddress }),
        userCodeInputSource: (ctx, _form, out, error) => this.pages.renderDeviceCode(ctx, out, error),
        userCodeConfirmSource: (ctx, _form, client, _info, userCode) =>
          this.pages.renderDeviceConfirm(ctx, client, userCode),
        successSource: (ctx) => this.pages.renderDeviceDone(ctx),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => this.pages.renderSignOut(ctx),
        postLogoutSuccessSource: (ctx) => this.pages.renderSignedOut(ctx),
      },
      registration: {
        enabled: isOpen,
        initialAccessToken: false,
        issueRegistrationAccessToken: false,
        idFactory: (ctx) => this.registration.createClientId(ctx),
      },
      clientIdMetadataDocument: {
        enabled: isOpen,
        ack: 'draft-02',
        allowFetch: (ctx: KoaContextWithOIDC, id: string) => this.documents.allowFetch(ctx, id),
        allowClient: (_ctx: KoaContextWithOIDC, client: Client) => this.documents.allow(client),
        cacheDuration: { min: 30, max: 3600 },
      },
    };
  }
}
