/** Finds the user of a provider's subject: the linked one, or one that the subject may be linked to. Reads only. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { RIGHTS_COLUMNS, type RightsRow } from '../../orgs/users/rights.js';
import type { OrgId, UserId } from '../../platform/ids.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import { readTrustedAddress } from './trusted-address.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

export interface MatchedUser extends RightsRow {
  id: UserId;
  email: string;
  name: string;
}

export type Match =
  | { kind: 'linked'; user: MatchedUser; groupsAsOf: Date | null }
  /** Found by address; not yet linked. */
  | { kind: 'found'; user: MatchedUser }
  /** Not yet a user; to be created and linked. */
  | { kind: 'new'; email: string; name: string };

/** Current state of the record, read past every cache: linking must not depend on outdated data. */
interface LinkRules {
  emailLinkPolicy: string;
  verifiedDomains: string[];
  createUsers: boolean;
  linksOwners: boolean;
}

interface Account extends MatchedUser {
  organizationId: OrgId;
  isDisabled: boolean;
}

const ACCOUNT = `u.id, u.email, u.name, ${RIGHTS_COLUMNS}, u.organization_id AS "organizationId", u.is_disabled AS "isDisabled"`;
const MAX_NAME_LENGTH = 200;

@Injectable()
export class IdentityMatcher {
  /** Throws TokenRefusal when the organization does not admit the subject. */
  async find(manager: EntityManager, provider: IdentityProvider, token: ValidatedToken): Promise<Match> {
    // A subject that the database cannot store is never linked.
    if (!PRINTABLE.test(token.subject)) throw createNotLinkedRefusal('the subject is not printable text');
    const linked = await findLinked(manager, provider, token.subject);
    if (!linked) return this.#findUnlinked(manager, provider, token);
    if (linked.organizationId !== provider.organizationId)
      throw new TokenRefusal(
        'user_of_another_organisation',
        'the linked user is not of the organization of the provider',
      );
    requireActive(linked);
    return { kind: 'linked', user: toMatchedUser(linked), groupsAsOf: linked.groupsAsOf };
  }

  async #findUnlinked(manager: EntityManager, provider: IdentityProvider, token: ValidatedToken): Promise<Match> {
    const rules = await findRules(manager, provider);
    if (rules.emailLinkPolicy !== 'verified_domain' && !rules.createUsers)
      throw createNotLinkedRefusal(
        'no user is linked to the subject, and the provider may neither link by address nor create users',
      );
    const trusted = readTrustedAddress(provider, rules.verifiedDomains, token);
    if ('refusal' in trusted) throw createNotLinkedRefusal(`no user is linked to the subject, and ${trusted.refusal}`);
    const account = await findByAddress(manager, provider, trusted.address);
    if (account) return { kind: 'found', user: requireLinkable(account, provider, rules, token) };
    if (!rules.createUsers)
      throw createNotLinkedRefusal('no user is linked to the subject or has the address, and createUsers is off');
    return { kind: 'new', email: trusted.address, name: chooseName(token, trusted.address) };
  }
}

function requireLinkable(
  account: FoundAccount,
  provider: IdentityProvider,
  rules: LinkRules,
  { subject }: ValidatedToken,
): MatchedUser {
  if (account.organizationId !== provider.organizationId)
    throw createNotLinkedRefusal('the address belongs to a user of another organization than the provider');
  requireActive(account);
  // A concurrent call has linked it since the first query.
  if (account.linkedSubject === subject) return toMatchedUser(account);
  if (rules.emailLinkPolicy !== 'verified_domain')
    throw createNotLinkedRefusal('a user has the address, but emailLinkPolicy is off');
  if (!account.isVerified)
    throw createNotLinkedRefusal('a user has the address, but it was never confirmed to be theirs');
  if (account.linkedSubject !== null)
    throw createNotLinkedRefusal('the user who has the address is linked to another subject of the provider');
  if (account.role === 'owner' && !rules.linksOwners)
    throw createNotLinkedRefusal(
      'the user who has the address is an owner, and the provider was last saved by a user who is not an owner',
    );
  return toMatchedUser(account);
}

interface FoundAccount extends Account {
  isVerified: boolean;
  /** Subject that the user is already linked to at this provider; null: none. */
  linkedSubject: string | null;
}

async function findLinked(manager: EntityManager, { id }: IdentityProvider, subject: string) {
  const [row] = await manager.query<(Account & { groupsAsOf: Date | null })[]>(
    `SELECT ${ACCOUNT}, l.groups_as_of AS "groupsAsOf"
       FROM identity_link l JOIN app_user u ON u.id = l.user_id
      WHERE l.identity_provider_id = $1 AND l.subject = $2`,
    [id, subject],
  );
  return row;
}

/** An address belongs to one user in the whole deployment. */
async function findByAddress(manager: EntityManager, { id }: IdentityProvider, address: string) {
  const [row] = await manager.query<FoundAccount[]>(
    `SELECT ${ACCOUNT}, u.email_verified_at IS NOT NULL AS "isVerified",
            (SELECT subject FROM identity_link l WHERE l.identity_provider_id = $1 AND l.user_id = u.id) AS "linkedSubject"
       FROM app_user u WHERE u.email = $2`,
    [id, address],
  );
  return row;
}

async function findRules(manager: EntityManager, { id, organizationId }: IdentityProvider): Promise<LinkRules> {
  const [row] = await manager.query<LinkRules[]>(
    `SELECT email_link_policy AS "emailLinkPolicy", verified_domains AS "verifiedDomains",
            create_users AS "createUsers", links_owners AS "linksOwners"
       FROM identity_provider WHERE id = $1 AND organization_id = $2`,
    [id, organizationId],
  );
  if (!row) throw createNotLinkedRefusal('the provider is gone');
  return row;
}

function requireActive({ isDisabled }: Account): void {
  if (isDisabled) throw new TokenRefusal('user_disabled', 'the user is disabled');
}

const toMatchedUser = ({ id, email, name, role, customRoleId, customPermissions }: Account): MatchedUser => ({
  id,
  email,
  name,
  role,
  customRoleId,
  customPermissions,
});

/** Returns the token's name if an admin could have entered it; otherwise the address. */
function chooseName({ name }: ValidatedToken, address: string): string {
  const text = name?.trim().slice(0, MAX_NAME_LENGTH).trim() ?? '';
  return text !== '' && PRINTABLE.test(text) ? text : address;
}

export const createNotLinkedRefusal = (detail: string): TokenRefusal => new TokenRefusal('user_not_linked', detail);
