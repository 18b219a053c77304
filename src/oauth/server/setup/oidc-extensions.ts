import { Injectable } from '@nestjs/common';
import { AssertionGrants } from '../../grants/assertion-grants.js';
import { ConsentOutcomes } from '../../consent/outcomes.js';
import { IdpSessions } from '../../idp-logout/idp-sessions.js';
import { ClientAuthentication } from '../http/client-authentication.js';
import { ClientRedirects } from '../http/client-redirects.js';
import type { Provider } from '../../oidc-library/oidc-provider.js';
import { ErrorResponses } from '../http/error-responses.js';
import { ProtocolMiddleware } from '../http/protocol-middleware.js';

/** Extends oidc-provider by the library's own means: grants and middleware. */
@Injectable()
export class OidcExtensions {
  constructor(
    private readonly grants: AssertionGrants,
    private readonly authentication: ClientAuthentication,
    private readonly middleware: ProtocolMiddleware,
    private readonly idpSessions: IdpSessions,
    private readonly errorResponses: ErrorResponses,
    private readonly outcomes: ConsentOutcomes,
    private readonly redirects: ClientRedirects,
  ) {}

  async install(provider: Provider): Promise<void> {
    this.grants.install(provider);
    await this.authentication.install(provider);
    provider.use(this.outcomes.middleware); // outermost: sees the final response
    this.middleware.install(provider);
    provider.use(this.redirects.middleware);
    this.errorResponses.install(provider);
    provider.use(this.idpSessions.middleware);
  }
}
