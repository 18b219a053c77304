/** The HTTP client of oidc-provider. The party that named a URL determines which hosts it may reach. */
import { Injectable } from '@nestjs/common';
import { OAuthClientDirectory } from '../../clients/authentication/oauth-client.lookup.js';
import { Egress } from '../../platform/egress/egress.js';
import { PublicEgress } from '../../platform/egress/public-egress.js';
import { guardedFetch } from './guarded-fetch.js';
import { Provider } from './oidc-provider.js';

type LibraryRequest = Parameters<ReturnType<typeof guardedFetch>>;

@Injectable()
export class LibraryFetch {
  readonly #ofAdmins: ReturnType<typeof guardedFetch>;
  readonly #ofStrangers: ReturnType<typeof guardedFetch>;

  constructor(
    private readonly directory: OAuthClientDirectory,
    egress: Egress,
    publicEgress: PublicEgress,
  ) {
    this.#ofAdmins = guardedFetch(egress);
    this.#ofStrangers = guardedFetch(publicEgress);
  }

  /**
   * For the library's `fetch`. Key sets of an organization's clients may be inside the internal network, as far as
   * `UPSTREAM_ALLOWED_HOSTS` permits. All other URLs come from strangers and may lead to public hosts only. If such a
   * host responds with anything but a document, the library learns only that the document could not be loaded.
   */
  readonly fetch = async (...[url, options]: LibraryRequest): Promise<Response> => {
    const address = url instanceof Request ? url.url : String(url);
    if (await this.#isKeySetOfOrganization(address)) return this.#ofAdmins(url, options);
    const response = await this.#ofStrangers(url, options);
    if (response.status !== 200) throw new Error('the document could not be loaded');
    return response;
  };

  async #isKeySetOfOrganization(url: string): Promise<boolean> {
    const client = Provider.ctx?.oidc.client;
    if (!client?.jwksUri || new URL(client.jwksUri).href !== url) return false;
    const record = await this.directory.byClientId(client.clientId);
    return record !== null && record.organisationId !== null;
  }
}
