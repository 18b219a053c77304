import { Injectable } from '@nestjs/common';
import { AssertionGrants } from '../grants/assertion-grants.js';
import { ConsentOutcomes } from '../consent/consent-outcomes.js';
import { IdpSessions } from '../idp-sign-in/idp-sessions.js';
import { ClientAuthentication } from './client-authentication.js';
import { ClientRedirects } from './client-redirects.js';
import type { Provider } from './library.js';
import { ProtocolAnswers } from './protocol-answers.js';
import { ProtocolMiddleware } from './protocol-middleware.js';

/** Extends oidc-provider by the library's own means: grants and middleware. */
@Injectable()
export class ProviderExtensions {
  constructor(
    private readonly grants: AssertionGrants,
    private readonly authentication: ClientAuthentication,
    private readonly middleware: ProtocolMiddleware,
    private readonly idpSessions: IdpSessions,
    private readonly answers: ProtocolAnswers,
    private readonly outcomes: ConsentOutcomes,
    private readonly redirects: ClientRedirects,
  ) {}

  async install(provider: Provider): Promise<void> {
    this.grants.install(provider);
    await this.authentication.install(provider);
    provider.use(this.outcomes.middleware); // outermost: sees the final response
    this.middleware.install(provider);
    provider.use(this.redirects.middleware);
    this.answers.install(provider);
    provider.use(this.idpSessions.middleware);
  }
}
