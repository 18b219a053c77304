/** The HTTP client of oidc-provider. The party that named a URL determines which hosts it may reach. */
import { Injectable } from '@nestjs/common';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { Egress } from '../../platform/egress/egress.js';
import { PublicEgress } from '../../platform/egress/public-egress.js';
import { createGuardedFetch } from './guarded-fetch.js';
import { Provider } from './oidc-provider.js';

type FetchArguments = Parameters<ReturnType<typeof createGuardedFetch>>;

@Injectable()
export class OidcProviderFetch {
  readonly #ofAdmins: ReturnType<typeof createGuardedFetch>;
  readonly #ofStrangers: ReturnType<typeof createGuardedFetch>;

  constructor(
    private readonly directory: OAuthClientLookup,
    egress: Egress,
    publicEgress: PublicEgress,
  ) {
    this.#ofAdmins = createGuardedFetch(egress);
    this.#ofStrangers = createGuardedFetch(publicEgress);
  }

  /**
   * For the library's `fetch`. Key sets of an organization's clients may be inside the internal network, as far as
   * `UPSTREAM_ALLOWED_HOSTS` permits. All other URLs come from strangers and may lead to public hosts only. If such a
   * host responds with anything but a document, the library learns only that the document could not be loaded.
   */
  readonly fetch = async (...[url, options]: FetchArguments): Promise<Response> => {
    const address = url instanceof Request ? url.url : String(url);
    if (await this.#isKeySetOfOrganization(address)) return this.#ofAdmins(url, options);
    const response = await this.#ofStrangers(url, options);
    if (response.status !== 200) throw new Error('the document could not be loaded');
    return response;
  };

  async #isKeySetOfOrganization(url: string): Promise<boolean> {
    const client = Provider.ctx?.oidc.client;
    if (!client?.jwksUri || new URL(client.jwksUri).href !== url) return false;
    const record = await this.directory.findByClientId(client.clientId);
    return record !== null && record.organizationId !== null;
  }
}
