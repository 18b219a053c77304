/** The authentication methods that the demo shows, in order. A further method is a further entry. */
import type { DemoStage, StoredKey } from './setup.js';
import { OWN_KEY_VENDOR, type Vendor } from '../providers/vendors.js';

export interface DemoAuthMethod {
  title: string;
  /** The credential and its interpretation by the gateway, in half a sentence. */
  explanation: string;
  /** The recorded authMethod. */
  method: string;
  /** The credential that the caller sends in the place of this vendor's key. Called once per vendor. */
  getCredential: (stage: DemoStage, vendor: Vendor) => string | Promise<string>;
  /** The stored key that the provider must receive; null: the caller's credential. */
  getKey: (stage: DemoStage, vendor: Vendor) => StoredKey | null;
  /** How the caller obtained the credential, in half a sentence. */
  describeOrigin?: (stage: DemoStage) => string;
}

const getCompanyKey: DemoAuthMethod['getKey'] = ({ companyKeys }, { id }) => companyKeys.get(id)!;

/** The person's own key for a vendor, if she has one. */
const getPersonsKey: DemoAuthMethod['getKey'] = (stage, vendor) =>
  vendor === OWN_KEY_VENDOR ? stage.ownKey : getCompanyKey(stage, vendor);

export const DEMO_AUTH_METHODS: readonly DemoAuthMethod[] = [
  {
    title: 'Virtual key',
    explanation: "a key of the gateway's; the provider gets the stored key that it is mapped to",
    method: 'virtual-key',
    getCredential: ({ virtualKey }) => virtualKey.value,
    getKey: getCompanyKey,
  },
  {
    title: 'Direct provider key',
    explanation: "the caller's own key, passed on to the provider and kept nowhere",
    method: 'provider-key',
    getCredential: ({ provider }, vendor) => provider.issueKey(vendor),
    getKey: () => null,
  },
  {
    title: 'OAuth client',
    explanation: 'an application fetches tokens for its secret; it has stored keys mapped',
    method: 'oauth-client',
    getCredential: ({ service }) => service.fetchToken(),
    getKey: getCompanyKey,
    describeOrigin: () => 'client_credentials, once for each provider',
  },
  {
    title: 'OAuth user',
    explanation: "an app that a person has allowed; the person's own key wins over the company's",
    method: 'oauth-user',
    getCredential: ({ app }) => app.fetchToken(),
    getKey: getPersonsKey,
    describeOrigin: ({ person }) => `${person.browser.pages.join(' → ')} → a code; a refresh per provider`,
  },
  {
    title: 'Identity-provider JWT',
    explanation: "a token of the company's own login, checked against its published keys",
    method: 'idp-jwt',
    getCredential: ({ directory, subject }) => directory.issueToken(subject),
    getKey: getPersonsKey,
    describeOrigin: ({ subject }) => `the company's login, as ${subject}; the admin has said who that is`,
  },
];
