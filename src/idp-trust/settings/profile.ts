/** Properties of a trusted identity provider, and the rules by which they fit together. Pure. */
import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { IdentityProviderEntity } from './identity-provider.entity.js';
import { checkIssuerSettings, PRESETS } from '../presets/preset-registry.js';
import { isPublicMailDomain } from './public-mail-domains.js';

export const KINDS = ['people', 'workload'] as const;
export const EMAIL_LINK_POLICIES = ['off', 'verified_domain'] as const;
export const PRESET_IDS = PRESETS.map(({ id }) => id);

/** Text in a token or a URL: visible ASCII. */
export const VISIBLE = /^[!-~]+$/;

/** Labels of a host name, RFC 1123 §2.1; names beyond ASCII in their xn-- form, as in URLs. */
const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/;

/** Claims whose value can be changed or reassigned: their new holder would become the former holder's user. */
const MUTABLE_CLAIMS: ReadonlySet<string> = new Set([
  'email',
  'upn',
  'preferred_username',
  'unique_name',
  'name',
  'nickname',
  'username',
  'phone_number',
]);

export type Profile = Omit<IdentityProviderEntity, 'jwksUrl' | 'endpoints' | 'sealedClientSecret'> & {
  hasClientSecret: boolean;
};

export function checkProfile(profile: Profile): FieldError[] {
  return [
    ...checkIssuerForm(profile),
    ...checkIssuerSettings(profile.preset, profile.issuer, profile.audiences),
    ...checkClaims(profile),
    ...checkDomains(profile),
    ...(profile.kind === 'workload' ? checkWorkloadFields(profile) : checkPeopleFields(profile)),
  ];
}

/** OpenID Connect Discovery 1.0 §3: a URL without query or fragment. */
function checkIssuerForm({ issuer }: Profile): FieldError[] {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isAddress = url !== null && /^https?:\/\/./.test(issuer) && url.username === '' && !/[?#]/.test(issuer);
  return isAddress
    ? []
    : [createFault('/issuer', 'The issuer is an address that begins with https://, without a query or fragment.')];
}

function checkClaims({ claimMapping, audiences, extraAudiences }: Profile): FieldError[] {
  const faults: FieldError[] = [];
  const path = claimMapping.subject;
  const last = typeof path === 'string' ? path : path.at(-1)!;
  if (MUTABLE_CLAIMS.has(last.toLowerCase()))
    faults.push(
      createFault(
        '/claimMapping/subject',
        `${last} can change or be reassigned, and the new owner would be taken for the former one. Use a stable claim, such as sub.`,
      ),
    );
  extraAudiences.forEach((audience, i) => {
    if (audiences.includes(audience)) faults.push(createFault(`/extraAudiences/${i}`, 'This is already in audiences.'));
  });
  return faults;
}

function checkDomains({
  verifiedDomains,
  emailLinkPolicy,
  createUsers,
  enforceSignIn,
  clientId,
}: Profile): FieldError[] {
  const faults = verifiedDomains.flatMap((domain, i) => {
    if (!DOMAIN.test(domain))
      return [createFault(`/verifiedDomains/${i}`, 'This is not a domain, such as example.com.')];
    return isPublicMailDomain(domain)
      ? [
          createFault(
            `/verifiedDomains/${i}`,
            'Anyone can have an address there. Name only domains of your own organization.',
          ),
        ]
      : [];
  });
  const dependentFields = [
    ...(emailLinkPolicy === 'verified_domain' ? ['emailLinkPolicy verified_domain'] : []),
    ...(createUsers ? ['createUsers'] : []),
    ...(enforceSignIn ? ['enforceSignIn'] : []),
  ];
  if (dependentFields.length > 0 && verifiedDomains.length === 0)
    faults.push(createFault('/verifiedDomains', `${dependentFields.join(' and ')} needs at least one mail domain.`));
  if (enforceSignIn && clientId === null)
    faults.push(createFault('/enforceSignIn', 'Users cannot sign in through it yet: send clientId too.'));
  return faults;
}

const checkPeopleFields = ({ hasClientSecret, clientId }: Profile): FieldError[] =>
  hasClientSecret && clientId === null
    ? [createFault('/clientSecret', 'A secret goes with a clientId. Send that too, or null to remove the secret.')]
    : [];

/** Subjects of a workload provider are never users. */
function checkWorkloadFields(profile: Profile): FieldError[] {
  const peopleFields = {
    emailLinkPolicy: profile.emailLinkPolicy !== 'off',
    createUsers: profile.createUsers,
    groupRoles: profile.groupRoles.length > 0,
    clientId: profile.clientId !== null,
    clientSecret: profile.hasClientSecret,
    enforceSignIn: profile.enforceSignIn,
  };
  return Object.entries(peopleFields).flatMap(([field, isSet]) =>
    isSet ? [createFault(`/${field}`, 'This is only for providers of the kind people: workloads are not users.')] : [],
  );
}

const createFault = (pointer: string, detail: string): FieldError => ({ pointer, detail });
