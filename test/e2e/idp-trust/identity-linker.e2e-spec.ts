import { ROLE_PERMISSIONS } from '../../../src/auth/callers/permissions.js';
import { IdentityLinker } from '../../../src/idp-trust/identity-links/identity-linker.js';
import { IdentityMatcher } from '../../../src/idp-trust/identity-links/identity-match.js';
import type { IdentityProvider } from '../../../src/idp-trust/trusted-issuer/identity-provider.js';
import { IdentityProviderLookup } from '../../../src/idp-trust/identity-providers/identity-provider.lookup.js';
import type { TokenRefusal } from '../../../src/idp-trust/trusted-issuer/token-refusal.js';
import type { ValidatedToken } from '../../../src/idp-trust/trusted-issuer/validated-token.js';
import { createId } from '../../../src/platform/ids.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import {
  addPerson,
  addTeam,
  auditOf,
  castOf,
  effectsOf,
  join,
  sql,
  type Cast,
  type Person,
} from '../../support/gateway/people.js';

const PATH = '/api/identity-providers';
const IAT = 1_800_000_000;

interface Spoken {
  email?: string;
  isVerified?: boolean;
  name?: string;
  groups?: string[] | null;
  iat?: number;
  claims?: object;
}

/** A genuine token, as validation passes it on. */
const token = (subject: string, { email, isVerified = true, name, groups = null, iat = IAT, claims }: Spoken = {}) =>
  ({
    claims: { sub: subject, iat, ...(email === undefined ? {} : { email }), ...claims },
    subject,
    email: email === undefined ? null : { address: email.toLowerCase(), isVerified },
    name: name ?? null,
    groups,
    isIdToken: false,
    expiresAt: (iat + 300) * 1000,
    keyId: 'k',
  }) satisfies ValidatedToken;

describe('the linking of subjects to users', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let admin: Person;
  let linker: IdentityLinker;
  let directory: IdentityProviderLookup;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
    admin = await addPerson(gateway, cast.organizationId, 'admin');
    linker = gateway.app.nest.get(IdentityLinker);
    directory = gateway.app.nest.get(IdentityProviderLookup);
  });
  afterAll(() => gateway.close());

  let count = 0;
  const trust = async (over: object = {}, by = admin): Promise<IdentityProvider> => {
    const { id }: Json = await by.client.create(PATH, {
      providerId: `idp-${++count}`,
      issuer: `https://idp-${count}.example.org`,
      jwksUrl: 'https://idp.example.org/keys',
      audiences: ['gatehouse'],
      ...over,
    });
    return (await directory.findById(id))!;
  };
  const byAddress = { emailLinkPolicy: 'verified_domain', verifiedDomains: ['example.com'] };
  const reload = async ({ id }: IdentityProvider): Promise<IdentityProvider> => (await directory.findById(id))!;
  const change = async (provider: IdentityProvider, body: object): Promise<IdentityProvider> => {
    expect((await admin.client.patch(`${PATH}/${provider.id}`, body)).status).toBe(200);
    return reload(provider);
  };

  /** Creates a user with a confirmed address. */
  const confirmed = async (role: Parameters<typeof addPerson>[2] = 'member', organizationId = cast.organizationId) => {
    const person = await addPerson(gateway, organizationId, role);
    await sql(gateway, 'UPDATE app_user SET email_verified_at = now() WHERE id = $1', [person.id]);
    return { ...person, email: `${person.id}@example.com` };
  };
  const linked = (provider: IdentityProvider, person: { id: string }, subject = `s-${person.id}`) =>
    cast.owner.client.create(`${PATH}/${provider.id}/links`, { subject, userId: person.id });
  const links = (provider: IdentityProvider): Promise<Json[]> =>
    sql(gateway, 'SELECT subject, user_id, source FROM identity_link WHERE identity_provider_id = $1', [provider.id]);
  const usersBy = (email: string): Promise<Json[]> =>
    sql(gateway, 'SELECT * FROM app_user WHERE email = $1', [email.toLowerCase()]);

  /** Returns the reason of the refusal, which a preview returns as well; nothing is linked and no user is created. */
  const refusal = async (provider: IdentityProvider, spoken: ValidatedToken): Promise<string> => {
    const before = await sql(gateway, 'SELECT (SELECT count(*) FROM app_user), (SELECT count(*) FROM identity_link)');
    const thrown = (error: TokenRefusal): string => error.reason ?? String(error);
    const reason = await linker.resolveUser(provider, spoken).then(() => 'admitted', thrown);
    expect(await linker.preview(provider, spoken).then(() => 'admitted', thrown)).toBe(reason);
    expect(await sql(gateway, 'SELECT (SELECT count(*) FROM app_user), (SELECT count(*) FROM identity_link)')).toEqual(
      before,
    );
    return reason;
  };

  describe('a linked subject', () => {
    it('a linked subject resolves to its user, role and teams without a write', async () => {
      const provider = await trust();
      const person = await confirmed('editor');
      const second = await addTeam(gateway, cast.organizationId);
      await linked(provider, person);
      await join(gateway, cast.teamId, person, 'admin');
      await join(gateway, second, person, 'member');
      const before = await effectsOf(gateway, `user:${person.id}`);
      expect(await linker.resolveUser(provider, token(`s-${person.id}`, { email: 'new@elsewhere.example' }))).toEqual({
        userId: person.id,
        organizationId: cast.organizationId,
        role: 'editor',
        rights: { permissions: ROLE_PERMISSIONS.editor, tags: [] },
        teamIds: [cast.teamId, second],
      });
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(before);
    });

    it('a linked subject stays with its user, regardless of the address in its token', async () => {
      const provider = await trust(byAddress);
      const [ann, ben] = [await confirmed(), await confirmed()];
      expect((await linker.resolveUser(provider, token('ann', { email: ann.email }))).userId).toBe(ann.id);
      expect((await linker.resolveUser(provider, token('ann', { email: ben.email }))).userId).toBe(ann.id);
      expect((await linker.resolveUser(provider, token('ann'))).userId).toBe(ann.id);
      expect(await links(provider)).toEqual([{ subject: 'ann', user_id: ann.id, source: 'email' }]);
    });

    it('a linked subject is rejected with user_disabled while its user is disabled', async () => {
      const provider = await trust();
      const person = await confirmed();
      await linked(provider, person);
      expect((await admin.client.post(`/api/users/${person.id}/disable`)).status).toBe(200);
      expect(await refusal(provider, token(`s-${person.id}`))).toBe('user_disabled');
    });

    it('a link to a user of another organization is rejected', async () => {
      const provider = await trust(byAddress);
      await sql(
        gateway,
        `INSERT INTO identity_link (id, identity_provider_id, subject, user_id, source) VALUES ($1, $2, 'x', $3, 'admin')`,
        [createId(), provider.id, cast.stranger.id],
      );
      expect(await refusal(provider, token('x'))).toBe('user_of_another_organisation');
    });

    it('a subject that is linked at one provider is unknown at another', async () => {
      const [one, other] = [await trust(), await trust()];
      const person = await confirmed();
      await linked(one, person, 'same');
      expect(await refusal(other, token('same'))).toBe('user_not_linked');
    });

    it('an unlinked subject is rejected, and its group memberships are removed', async () => {
      const provider = await trust();
      const person = await confirmed();
      const link = await linked(provider, person);
      const team = await addTeam(gateway, cast.organizationId);
      await admin.client.create(`/api/teams/${team}/external-groups`, {
        identityProviderId: provider.id,
        groupName: 'g',
      });
      expect((await linker.resolveUser(provider, token(`s-${person.id}`, { groups: ['g'] }))).teamIds).toEqual([team]);
      expect((await admin.client.delete(`${PATH}/${provider.id}/links/${link.id}`)).status).toBe(204);
      expect(await refusal(provider, token(`s-${person.id}`, { groups: ['g'] }))).toBe('user_not_linked');
      expect(await sql(gateway, 'SELECT 1 FROM team_member WHERE user_id = $1', [person.id])).toEqual([]);
    });
  });

  describe('an unknown subject', () => {
    it('an unknown subject is linked once by its verified address, which is audited', async () => {
      const provider = await trust(byAddress);
      const person = await confirmed();
      const spoken = token('sub-1', { email: person.email.toUpperCase() });
      expect(await linker.preview(provider, spoken)).toMatchObject({ matchKind: 'found', userId: person.id });
      expect(await links(provider)).toEqual([]);
      expect((await linker.resolveUser(provider, spoken)).userId).toBe(person.id);
      const [link] = await sql<{ id: string }>(gateway, 'SELECT id FROM identity_link WHERE user_id = $1', [person.id]);
      expect(await auditOf(gateway, link!.id)).toMatchObject([
        {
          action: 'identity_link.create',
          after: { subject: 'sub-1', userId: person.id, source: 'email' },
          actor_id: provider.id,
        },
      ]);
      expect(await linker.preview(provider, spoken)).toMatchObject({ matchKind: 'linked', userId: person.id });
    });

    it.each<[string, (email: string) => ValidatedToken]>([
      ['has no address', () => token('a')],
      ['has an address that is not verified', (email) => token('a', { email, isVerified: false })],
      [
        'has a user’s address as login name',
        (email) => token('a', { claims: { preferred_username: email, upn: email } }),
      ],
      ['has a user’s address as its name', (email) => token('a', { name: email, claims: { name: email } })],
      ['has a user’s address as its subject', (email) => token(email)],
      ['has an address of another domain', (email) => token('a', { email: email.replace('.com', '.com.evil.test') })],
      ['has an address of a subdomain', (email) => token('a', { email: email.replace('@', '@sub.') })],
      ['has two addresses in one claim', (email) => token('a', { email: `x@evil.test,${email}` })],
      ['has an address with another before it', (email) => token('a', { email: `x@evil.test@${email}` })],
      ['has a subject that cannot be stored', (email) => token('a\0', { email })],
    ])('an unknown subject is not linked when it %s', async (_, speak) => {
      const provider = await trust({ ...byAddress, createUsers: false });
      const person = await confirmed();
      expect(await refusal(provider, speak(person.email))).toBe('user_not_linked');
    });

    it('an address that becomes ASCII only in lower case is not linked', async () => {
      const provider = await trust({ ...byAddress, createUsers: true });
      const person = await confirmed();
      await sql(gateway, "UPDATE app_user SET email = 'mike@example.com' WHERE id = $1", [person.id]);
      // The Kelvin sign, whose lower case is k.
      expect(await refusal(provider, token('a', { email: 'mi\u212ae@example.com' }))).toBe('user_not_linked');
    });

    it('an unknown subject is not linked while emailLinkPolicy is off', async () => {
      const provider = await trust({ verifiedDomains: ['example.com'] });
      const person = await confirmed();
      expect(await refusal(provider, token('a', { email: person.email }))).toBe('user_not_linked');
      const making = await trust({ verifiedDomains: ['example.com'], createUsers: true });
      expect(await refusal(making, token('a', { email: person.email }))).toBe('user_not_linked');
    });

    it('an unknown subject is not linked to a user whose address is unconfirmed', async () => {
      const provider = await trust({ ...byAddress, createUsers: true });
      const person = await addPerson(gateway, cast.organizationId, 'member');
      expect(await refusal(provider, token('a', { email: `${person.id}@example.com` }))).toBe('user_not_linked');
    });

    it('an unknown subject is not linked by an address that its user changed without confirmation', async () => {
      const provider = await trust(byAddress);
      const person = await confirmed();
      const email = `changed-${person.id}@example.com`;
      expect((await admin.client.patch(`/api/users/${person.id}`, { email })).status).toBe(200);
      expect(await refusal(provider, token('a', { email }))).toBe('user_not_linked');
    });

    it('a second subject is not linked by the address of a linked user', async () => {
      const provider = await trust({ ...byAddress, createUsers: true });
      const person = await confirmed();
      await linker.resolveUser(provider, token('first', { email: person.email }));
      expect(await refusal(provider, token('second', { email: person.email }))).toBe('user_not_linked');
    });

    it('an unknown subject is rejected with user_disabled if the user of its address is disabled', async () => {
      const provider = await trust({ ...byAddress, createUsers: true });
      const person = await confirmed();
      await admin.client.post(`/api/users/${person.id}/disable`);
      expect(await refusal(provider, token('a', { email: person.email }))).toBe('user_disabled');
    });

    it('an address of another organization’s user neither links nor creates a user', async () => {
      const provider = await trust({ ...byAddress, createUsers: true });
      const person = await confirmed('owner', cast.stranger.organizationId);
      expect(await refusal(provider, token('a', { email: person.email }))).toBe('user_not_linked');
    });

    it('an owner is linked by address only if an owner saved the provider last', async () => {
      const owner = await confirmed('owner');
      const provider = await trust(byAddress);
      const spoken = token('boss', { email: owner.email });
      expect(await refusal(provider, spoken)).toBe('user_not_linked');
      await cast.owner.client.patch(`${PATH}/${provider.id}`, { leewaySeconds: 10 });
      await change(provider, { audiences: ['gatehouse', 'mine'] });
      expect(await refusal(provider, spoken)).toBe('user_not_linked');
      await cast.owner.client.patch(`${PATH}/${provider.id}`, { leewaySeconds: 30 });
      expect(await linker.resolveUser(provider, spoken)).toMatchObject({ userId: owner.id, role: 'owner' });
    });

    it('linking follows the stored provider instead of a cached one', async () => {
      const before = await trust(byAddress);
      const person = await confirmed();
      await change(before, { emailLinkPolicy: 'off' });
      expect(await refusal(before, token('a', { email: person.email }))).toBe('user_not_linked');
      await change(before, { emailLinkPolicy: 'verified_domain' });
      await change(before, { isDisabled: true });
      await expect(linker.resolveUser(before, token('a', { email: person.email }))).rejects.toMatchObject({
        reason: 'user_not_linked',
      });
      expect(await links(before)).toEqual([]);
    });

    it('a Google address is linked only with the hd claim of its domain', async () => {
      const provider = await trust({ ...byAddress, issuer: 'https://accounts.google.com', audiences: ['ours'] });
      const person = await confirmed();
      const spoken = (claims: object) => token('g', { email: person.email, claims });
      expect(await refusal(provider, spoken({}))).toBe('user_not_linked');
      expect(await refusal(provider, spoken({ hd: 'elsewhere.example' }))).toBe('user_not_linked');
      expect((await linker.resolveUser(provider, spoken({ hd: 'example.com' }))).userId).toBe(person.id);
    });
  });

  describe('users without an invitation', () => {
    const making = { createUsers: true, verifiedDomains: ['example.com'] };

    it('createUsers creates a member with a verified address and without a password, which is audited', async () => {
      const provider = await trust(making);
      const made = await linker.resolveUser(provider, token('n', { email: 'Nora@Example.com', name: ' Nora ' }));
      expect(made).toMatchObject({ role: 'member', teamIds: [], organizationId: cast.organizationId });
      expect(await usersBy('nora@example.com')).toMatchObject([
        { id: made.userId, name: 'Nora', role: 'member', password_hash: null, email_verified_at: expect.any(Date) },
      ]);
      expect(await links(provider)).toEqual([{ subject: 'n', user_id: made.userId, source: 'created' }]);
      expect(await auditOf(gateway, made.userId)).toMatchObject([
        { action: 'user.create', after: { email: 'nora@example.com' }, actor_id: provider.id },
      ]);
      expect((await linker.resolveUser(provider, token('n'))).userId).toBe(made.userId);
    });

    it.each<[string, Spoken]>([
      ['without an address', {}],
      ['without a verified address', { email: 'x1@example.com', isVerified: false }],
      ['with an address of another domain', { email: 'x1@elsewhere.example' }],
      ['with a malformed address', { email: '@example.com' }],
    ])('a subject %s does not become a user', async (_, spoken) => {
      expect(await refusal(await trust(making), token('x', spoken))).toBe('user_not_linked');
    });

    it('a created user is named by the address if the name is unprintable', async () => {
      const provider = await trust(making);
      for (const [i, name] of ['a\nb', '\ud800', '  '].entries()) {
        const email = `odd-${i}@example.com`;
        await linker.resolveUser(provider, token(`odd-${i}`, { email, name }));
        expect((await usersBy(email))[0].name).toBe(email);
      }
    });
  });

  describe('concurrent first calls', () => {
    it('concurrent first calls link a user once', async () => {
      const provider = await trust(byAddress);
      const person = await confirmed();
      const calls = Array.from({ length: 12 }, () => linker.resolveUser(provider, token('r', { email: person.email })));
      expect(new Set((await Promise.all(calls)).map(({ userId }) => userId))).toEqual(new Set([person.id]));
      expect(await links(provider)).toHaveLength(1);
    });

    it('a lookup that missed a new link finds the user', async () => {
      const provider = await trust(byAddress);
      const person = await confirmed();
      await linked(provider, person, 'late');
      const { manager } = gateway.resources.database.dataSource;
      let looks = 0;
      const behind = {
        query: (text: string, values: unknown[]): Promise<unknown> =>
          looks++ === 0 ? Promise.resolve([]) : manager.query(text, values),
      } as typeof manager;
      const match = gateway.app.nest.get(IdentityMatcher);
      expect(await match.find(behind, provider, token('late', { email: person.email }))).toMatchObject({
        kind: 'found',
        user: { id: person.id },
      });
    });

    it('concurrent first calls of three subjects with one address link one of them', async () => {
      const provider = await trust({ ...byAddress, createUsers: true });
      const person = await confirmed();
      const calls = ['a', 'b', 'c'].map((subject) =>
        linker.resolveUser(provider, token(subject, { email: person.email })),
      );
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await links(provider)).toHaveLength(1);
      expect(await usersBy(person.email)).toHaveLength(1);
    });

    it('concurrent first calls at two organizations create a user once', async () => {
      const making = { createUsers: true, verifiedDomains: ['example.com'] };
      const [ours, theirs] = [await trust(making), await trust(making, cast.stranger)];
      const calls = Array.from({ length: 12 }, (_, i) =>
        linker.resolveUser(i % 2 === 0 ? ours : theirs, token('z', { email: 'zoe@example.com' })),
      );
      const outcomes = await Promise.allSettled(calls);
      expect(await usersBy('zoe@example.com')).toHaveLength(1);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'user_not_linked' });
      expect([...(await links(ours)), ...(await links(theirs))]).toHaveLength(1);
    });
  });

  describe('groups in a token', () => {
    const teamBy = async (provider: IdentityProvider, ...groups: string[]): Promise<string> => {
      const team = await addTeam(gateway, cast.organizationId);
      for (const groupName of groups)
        await admin.client.create(`/api/teams/${team}/external-groups`, { identityProviderId: provider.id, groupName });
      return team;
    };
    const memberships = (person: { id: string }): Promise<Json[]> =>
      sql(gateway, 'SELECT team_id, role, identity_provider_id FROM team_member WHERE user_id = $1 ORDER BY 1', [
        person.id,
      ]);

    it('IdP groups add and remove the memberships that they made, and keep the others', async () => {
      const [provider, other] = [await trust(), await trust()];
      const person = await confirmed();
      await linked(provider, person);
      const [red, blue] = [await teamBy(provider, 'red', 'crimson'), await teamBy(provider, 'blue')];
      const elsewhere = await teamBy(other, 'red');
      await join(gateway, cast.teamId, person, 'admin');
      const as = (groups: string[] | null, iat = IAT) =>
        linker.resolveUser(provider, token(`s-${person.id}`, { groups, iat }));
      expect((await as(['red', 'crimson', 'blue', 'green', '\0'])).teamIds.toSorted()).toEqual(
        [cast.teamId, red, blue].toSorted(),
      );
      expect(await memberships(person)).not.toContainEqual(expect.objectContaining({ team_id: elsewhere }));
      const announced = await effectsOf(gateway, `user:${person.id}`);
      await as(['blue', 'crimson']);
      expect(await effectsOf(gateway, `user:${person.id}`)).toEqual(announced);
      expect((await as(null)).teamIds).toHaveLength(3);
      expect((await as(['blue'])).teamIds).toEqual([cast.teamId, blue]);
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('revoked');
      expect((await as([])).teamIds).toEqual([cast.teamId]);
      expect(await memberships(person)).toEqual([{ team_id: cast.teamId, role: 'admin', identity_provider_id: null }]);
      expect((await auditOf(gateway, red)).map(({ action, actor_id }) => [action, actor_id])).toEqual([
        ['team.add_external_group', admin.id],
        ['team.add_external_group', admin.id],
        ['team.add_member', provider.id],
        ['team.remove_member', provider.id],
      ]);
    });

    it('IdP groups keep a manual membership, whether or not the provider lists its group', async () => {
      const provider = await trust();
      const person = await confirmed();
      await linked(provider, person);
      const team = await teamBy(provider, 'g');
      await join(gateway, team, person, 'admin');
      for (const groups of [['g'], []])
        expect((await linker.resolveUser(provider, token(`s-${person.id}`, { groups }))).teamIds).toEqual([team]);
      expect(await memberships(person)).toEqual([{ team_id: team, role: 'admin', identity_provider_id: null }]);
    });

    it('IdP groups of an older token change nothing', async () => {
      const provider = await trust();
      const person = await confirmed();
      await linked(provider, person);
      const team = await teamBy(provider, 'g');
      const as = (groups: string[], iat: number) =>
        linker.resolveUser(provider, token(`s-${person.id}`, { groups, iat }));
      expect((await as(['g'], IAT)).teamIds).toEqual([team]);
      expect((await as([], IAT + 10)).teamIds).toEqual([]);
      expect((await as(['g'], IAT)).teamIds).toEqual([]);
      expect((await as(['g'], IAT + 20)).teamIds).toEqual([team]);
    });

    it('IdP groups give the highest matching role, and owners keep theirs', async () => {
      const groupRoles = [
        { group: 'readers', role: 'member' },
        { group: 'staff', role: 'editor' },
        { group: 'ops', role: 'admin' },
      ];
      const provider = await trust({ groupRoles });
      const [person, owner] = [await confirmed(), await confirmed('owner')];
      await linked(provider, person);
      await linked(provider, owner);
      const role = async (who: { id: string }, groups: string[] | null) =>
        (await linker.resolveUser(provider, token(`s-${who.id}`, { groups }))).role;
      expect(await role(person, ['staff', 'readers'])).toBe('editor');
      expect(await role(person, ['other'])).toBe('editor');
      expect(await role(person, null)).toBe('editor');
      expect(await role(person, ['readers', 'ops'])).toBe('admin');
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('changed');
      expect(await role(person, ['readers'])).toBe('member');
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('revoked');
      expect(await role(owner, ['readers'])).toBe('owner');
      expect(await sql(gateway, 'SELECT role FROM app_user WHERE id = $1', [owner.id])).toEqual([{ role: 'owner' }]);
      expect((await auditOf(gateway, person.id)).at(-1)).toMatchObject({
        action: 'user.update',
        before: { role: 'admin' },
        after: { role: 'member' },
        actor_id: provider.id,
      });
    });

    it('an IdP group role replaces a custom role, and no match keeps it', async () => {
      const provider = await trust({ groupRoles: [{ group: 'readers', role: 'member' }] });
      const person = await confirmed();
      await linked(provider, person);
      const custom = await gateway.admin.create('/api/roles', { name: 'Auditor', permissions: ['audit_log:read'] });
      await gateway.admin.patch(`/api/users/${person.id}`, { customRoleId: custom.id });
      const permissions = async (groups: string[]) => [
        ...(await linker.resolveUser(provider, token(`s-${person.id}`, { groups }))).rights.permissions,
      ];
      expect(await permissions(['other'])).toEqual(['audit_log:read']);
      expect(await permissions(['readers'])).toContain('own_key:write');
      expect((await effectsOf(gateway, `user:${person.id}`)).at(-1)).toBe('revoked');
      expect((await auditOf(gateway, person.id)).at(-1)).toMatchObject({
        before: { customRoleId: custom.id },
        after: { role: 'member', customRoleId: null },
        actor_id: provider.id,
      });
    });

    it('IdP groups apply to a new user in the first call', async () => {
      const provider = await trust({
        createUsers: true,
        verifiedDomains: ['example.com'],
        groupRoles: [{ group: 'g', role: 'editor' }],
      });
      const team = await teamBy(provider, 'g');
      const spoken = token('fresh', { email: 'fresh@example.com', groups: ['g'] });
      expect(await linker.preview(provider, spoken)).toMatchObject({
        matchKind: 'new',
        role: 'editor',
        teamIds: [team],
      });
      expect(await linker.resolveUser(provider, spoken)).toMatchObject({ role: 'editor', teamIds: [team] });
    });

    it('concurrent IdP tokens of one user create one membership', async () => {
      const provider = await trust();
      const person = await confirmed();
      await linked(provider, person);
      const team = await teamBy(provider, 'g');
      const calls = Array.from({ length: 8 }, () =>
        linker.resolveUser(provider, token(`s-${person.id}`, { groups: ['g'] })),
      );
      for (const user of await Promise.all(calls)) expect(user.teamIds).toEqual([team]);
      expect(await memberships(person)).toHaveLength(1);
    });
  });
});
