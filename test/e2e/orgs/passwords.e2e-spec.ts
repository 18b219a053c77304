/** The basis of the sign-in and set-password pages: passwords that authenticate a user, and links that set one. */
import { authTag } from '../../../src/auth/callers/caller.js';
import { InvitationsService } from '../../../src/orgs/sign-in/invitations.service.js';
import { SessionRevocations, type SessionRevocation } from '../../../src/orgs/lifecycle/session-revocations.js';
import { PasswordSignInService } from '../../../src/orgs/sign-in/password-sign-in.service.js';
import { Secret } from '../../../src/platform/crypto/secret.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf, effectsOf, sql } from '../../support/gateway/people.js';

const PASSWORD = new Secret('a quiet walk at noon');
const OTHER = new Secret('some other long words');
const CONTEXT = { requestId: 'request-1', clientAddress: '203.0.113.7' };
const DAY_MS = 86_400_000;

let gateway: TestGateway;
let signIn: PasswordSignInService;
let invitations: InvitationsService;
const lockouts: SessionRevocation[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  signIn = gateway.app.nest.get(PasswordSignInService);
  invitations = gateway.app.nest.get(InvitationsService);
  gateway.app.nest.get(SessionRevocations).listen(async (_, lockout) => void lockouts.push(lockout));
});
afterAll(() => gateway.close());
beforeEach(() => void lockouts.splice(0));

let count = 0;
const tokenOf = (invitationUrl: string): string => new URL(invitationUrl).searchParams.get('token')!;

async function invite(): Promise<{ id: string; email: string; token: string }> {
  const email = `invited-${++count}@example.com`;
  const { id, invitationUrl } = await gateway.admin.create('/api/users', { email });
  return { id, email, token: tokenOf(invitationUrl) };
}

async function withPassword(): Promise<{ id: string; email: string }> {
  const { id, email, token } = await invite();
  expect(await invitations.accept(token, PASSWORD, CONTEXT)).not.toBeNull();
  lockouts.splice(0);
  return { id, email };
}

describe('an invitation link', () => {
  it('an invitation link sets the password once and confirms the address', async () => {
    const { id, email, token } = await invite();
    expect(await invitations.find(token)).toEqual({ userId: id, email });
    const { body: before } = await gateway.admin.get(`/api/users/${id}`);
    const signedIn = await invitations.accept(token, PASSWORD, CONTEXT);
    expect(signedIn).toEqual({ userId: id, organizationId: expect.any(String) });

    const { body: after } = await gateway.admin.get(`/api/users/${id}`);
    expect(after).toMatchObject({ hasPassword: true, emailVerifiedAt: expect.any(String), invitationExpiresAt: null });
    expect(await signIn.verify(email, PASSWORD)).toEqual(signedIn);
    expect(await invitations.find(token)).toBeNull();
    expect(await invitations.accept(token, OTHER, CONTEXT)).toBeNull();
    expect(await signIn.verify(email, OTHER)).toBeNull();

    const entries = await sql(gateway, 'SELECT * FROM audit_entry WHERE target_id = $1 ORDER BY id', [id]);
    expect(entries[1]).toMatchObject({
      ...{ action: 'user.set_password', actor_type: 'user', actor_id: id, credential_id: null, target_type: 'user' },
      ...{ request_id: CONTEXT.requestId, client_address: CONTEXT.clientAddress, before, after },
    });
    expect(entries).toHaveLength(2);
    expect(JSON.stringify([entries, gateway.log])).not.toMatch(new RegExp(`${PASSWORD.expose()}|argon2|${token}`));
  });

  it('accepting an invitation ends earlier sign-ins and is announced to every process', async () => {
    const { id, token } = await invite();
    const { organizationId } = (await invitations.accept(token, PASSWORD, CONTEXT))!;
    expect(lockouts).toEqual([{ userId: id, organizationId, cause: 'passwordChanged' }]);
    expect(await effectsOf(gateway, authTag.user(id))).toEqual(['changed']);
  });

  it('exactly one of several concurrent uses of an invitation link succeeds', async () => {
    const { id, email, token } = await invite();
    const passwords = Array.from({ length: 6 }, (_, index) => new Secret(`the password number ${index}`));
    const results = await Promise.all(passwords.map((password) => invitations.accept(token, password, CONTEXT)));
    const winners = passwords.filter((_, index) => results[index] !== null);
    expect(winners).toHaveLength(1);
    const right = await Promise.all(passwords.map((password) => signIn.verify(email, password)));
    expect(passwords.filter((_, index) => right[index] !== null)).toEqual(winners);
    expect((await auditOf(gateway, id)).map((entry) => entry.action)).toEqual(['user.create', 'user.set_password']);
    expect(lockouts).toHaveLength(1);
  });

  it('a password that is too short does not use up the invitation link', async () => {
    const { token } = await invite();
    await expect(invitations.accept(token, new Secret('eleven char'), CONTEXT)).rejects.toMatchObject({
      code: 'validation_failed',
      fields: [{ pointer: '/password' }],
    });
    expect(await invitations.accept(token, new Secret('twelve chars'), CONTEXT)).not.toBeNull();
  });

  it('an unknown or replaced link, or one of a disabled user, is refused', async () => {
    const replaced = await invite();
    const fresh = tokenOf((await gateway.admin.post(`/api/users/${replaced.id}/invite`)).body.invitationUrl);
    const disabled = await invite();
    await sql(gateway, 'UPDATE app_user SET is_disabled = true WHERE id = $1', [disabled.id]);
    for (const token of ['', 'a\0b', 'x'.repeat(43), replaced.token, disabled.token]) {
      expect(await invitations.find(token)).toBeNull();
      expect(await invitations.accept(token, PASSWORD, CONTEXT)).toBeNull();
    }
    expect(await invitations.find(fresh)).not.toBeNull();
    expect(lockouts).toEqual([]);
  });

  it('an invitation link expires after seven days', async () => {
    const { token } = await invite();
    gateway.clock.advance(7 * DAY_MS - 60_000);
    expect(await invitations.find(token)).not.toBeNull();
    gateway.clock.advance(60_000);
    expect(await invitations.find(token)).toBeNull();
    expect(await invitations.accept(token, PASSWORD, CONTEXT)).toBeNull();
  });

  it('an invitation is rolled back when a listener fails', async () => {
    const { id, email, token } = await invite();
    let isFailing = true;
    gateway.app.nest.get(SessionRevocations).listen(async () => {
      if (isFailing) throw new Error('no');
    });
    await expect(invitations.accept(token, PASSWORD, CONTEXT)).rejects.toThrow('no');
    isFailing = false;
    expect(await signIn.verify(email, PASSWORD)).toBeNull();
    expect(await effectsOf(gateway, authTag.user(id))).toEqual([]);
    expect(await auditOf(gateway, id)).toHaveLength(1);
    expect(await invitations.accept(token, PASSWORD, CONTEXT)).not.toBeNull();
  });
});

describe('disabling of a user', () => {
  it("disabling a user ends the user's sign-in sessions once", async () => {
    const { id } = await withPassword();
    await gateway.admin.post(`/api/users/${id}/disable`);
    await gateway.admin.post(`/api/users/${id}/disable`);
    await gateway.admin.post(`/api/users/${id}/enable`);
    expect(lockouts).toEqual([{ userId: id, organizationId: expect.any(String), cause: 'disabled' }]);
  });
});

describe('sign-in with a password', () => {
  it('sign-in ignores the case of the address and takes the password literally', async () => {
    const { id, email } = await withPassword();
    expect(await signIn.verify(` ${email.toUpperCase()} `, PASSWORD)).toMatchObject({ userId: id });
    expect(await signIn.verify(email, new Secret(`${PASSWORD.expose()} `))).toBeNull();
  });

  it('sign-in refuses disabled, invited and unknown users alike', async () => {
    const disabled = await withPassword();
    await gateway.admin.post(`/api/users/${disabled.id}/disable`);
    const { email: pending } = await invite();
    for (const email of [disabled.email, pending, 'nobody@example.com', '', 'a\0b@example.com', '\ud800@example.com']) {
      expect(await signIn.verify(email, PASSWORD)).toBeNull();
    }
  });

  it('sign-in hashes for unknown, disabled and passwordless users as long as for a wrong password', async () => {
    const known = await withPassword();
    const disabled = await withPassword();
    await gateway.admin.post(`/api/users/${disabled.id}/disable`);
    const emails = [known.email, 'nobody@example.com', disabled.email, (await invite()).email];
    // The minimum of several rounds measures the work itself, independent of the load; rounds alternate between users.
    const least = emails.map(() => Infinity);
    for (let round = 0; round < 7; round++) {
      for (const [index, email] of emails.entries()) {
        const start = performance.now();
        await signIn.verify(email, OTHER);
        least[index] = Math.min(least[index]!, performance.now() - start);
      }
    }
    const [wrong, ...others] = least as [number, ...number[]];
    // Without the hash they would take a twentieth: one query by an indexed column.
    for (const other of others) expect(other).toBeGreaterThan(wrong / 3);
  });
});
