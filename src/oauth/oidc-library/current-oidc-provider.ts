import type Provider from 'oidc-provider';

/** Gives access to the running oidc-provider, which is rebuilt when the signing keys change. */
export abstract class CurrentOidcProvider {
  abstract readonly provider: Provider;
}
