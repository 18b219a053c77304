/** Properties of every page, for any input. */
import type { VNode } from 'preact';
import { AccountPage, type AccountPageProps } from './account/account.page.js';
import { NewSecretPage } from './account/new-secret.page.js';
import { ConsentPage } from './consent.page.js';
import { DeviceDonePage } from './device-done.page.js';
import { DeviceCodePage, DeviceConfirmPage } from './device.page.js';
import { ErrorPage } from './error.page.js';
import { ConfirmInvitationPage, IdpRedirectPage } from './idp-redirect.page.js';
import { InvitationEndedPage } from './invitation-ended.page.js';
import { LeavePage } from './leave.page.js';
import { renderPage } from './http/render-page.js';
import { PasswordSetPage, SetPasswordPage } from './set-password.page.js';
import { SignInPage } from './sign-in.page.js';
import { SignOutPage, SignedOutPage } from './sign-out.page.js';
import { pageStylesHash } from './styles/stylesheet.js';

const EVIL = `"'></title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>`;
const at = new Date('2026-03-12T14:20:00Z');
const client = {
  ...{ name: EVIL, host: EVIL, uri: `https://x/${EVIL}`, isSelfRegistered: true, isLoopbackOnly: true },
  ...{ imitatesProduct: true, registration: { by: { name: EVIL, email: EVIL }, at } },
};

const account: AccountPageProps = {
  csrf: EVIL,
  header: { user: { name: EVIL, email: EVIL }, organizationName: EVIL, signOutAction: '/out' },
  sessions: [
    { id: 's1', isCurrent: true, startedAt: at, lastSeenAt: at, browser: EVIL, address: EVIL, endAction: '/s1' },
    { id: 's2', isCurrent: false, startedAt: at, lastSeenAt: at, browser: EVIL, address: EVIL, endAction: '/s2' },
  ],
  apps: [
    {
      id: 'a1',
      name: EVIL,
      host: EVIL,
      scopes: [{ name: EVIL, meaning: EVIL }],
      since: at,
      lastUsedAt: null,
      revokeAction: '/a1',
    },
  ],
  providerKeys: {
    keys: ['p1', 'p2'].map((id) => ({
      ...{ id, name: EVIL, provider: EVIL, last4: EVIL, createdAt: at, lastUsedAt: null },
      ...{ replaceAction: `/${id}/replace`, deleteAction: `/${id}/delete` },
    })),
    add: { action: '/p', providers: [{ id: EVIL, displayName: EVIL }], error: EVIL, typed: { name: EVIL } },
  },
  virtualKeys: {
    keys: ['v1', 'v2'].map((id) => ({
      ...{
        id,
        name: EVIL,
        tokenStart: EVIL,
        status: 'active' as const,
        providers: [EVIL],
        expiresAt: at,
        lastUsedAt: at,
      },
      ...{ rotateAction: `/${id}/rotate`, deleteAction: `/${id}/delete` },
    })),
    create: {
      ...{ action: '/v', providerKeys: [{ id: 'p1', name: EVIL, provider: EVIL }] },
      ...{ error: EVIL, typed: { providerKeyIds: ['p1'] } },
    },
  },
  done: EVIL,
  error: EVIL,
};

const PAGES: Record<string, VNode> = {
  'sign in': <SignInPage action="/a" csrf={EVIL} email={EVIL} error={EVIL} clientName={EVIL} clientHost={EVIL} />,
  'sign in by providers': (
    <SignInPage
      {...{ action: '/a', csrf: EVIL, clientName: EVIL }}
      idp={{ action: '/a/idp', providers: ['i1', 'i2'].map((id) => ({ id, name: EVIL })), byAddress: true }}
    />
  ),
  'going to a provider': <IdpRedirectPage providerName={EVIL} url={`/idp?x=${EVIL}`} />,
  'confirm invitation': (
    <ConfirmInvitationPage {...{ action: '/a', csrf: EVIL, token: EVIL, email: EVIL, providerName: EVIL }} />
  ),
  'set password': <SetPasswordPage action="/a" csrf={EVIL} token={EVIL} email={EVIL} error={EVIL} />,
  'password set': <PasswordSetPage continueUrl="/account" />,
  'invitation used': <InvitationEndedPage end="used" signInUrl="/account" />,
  'invitation expired': <InvitationEndedPage end="expired" signInUrl="/account" />,
  'invitation unknown': <InvitationEndedPage end="unknown" signInUrl="/account" />,
  consent: (
    <ConsentPage
      {...{ action: '/a', csrf: EVIL, client: { ...client, clientIdHost: EVIL }, user: { email: EVIL } }}
      {...{ organizationName: EVIL, scopes: [{ name: EVIL, meaning: EVIL }], billing: [EVIL], duration: EVIL }}
      switchUserAction="/a/switch"
    />
  ),
  'device code': <DeviceCodePage formAction="/device" xsrf={EVIL} userCode={EVIL} error={EVIL} />,
  'device confirm': (
    <DeviceConfirmPage
      {...{ formAction: '/device', xsrf: EVIL, userCode: EVIL, client, location: EVIL, organizationName: EVIL }}
    />
  ),
  'device allowed': <DeviceDonePage clientName={EVIL} outcome="allowed" />,
  'device denied': <DeviceDonePage clientName={EVIL} outcome="denied" />,
  'sign out': <SignOutPage formAction="/out" xsrf={EVIL} clientName={EVIL} />,
  'signed out': <SignedOutPage />,
  error: <ErrorPage title={EVIL} message={EVIL} advice={EVIL} code={EVIL} requestId={EVIL} />,
  'leaving by a link': (
    <LeavePage
      {...{
        title: EVIL,
        message: EVIL,
        advice: EVIL,
        clientName: EVIL,
        host: EVIL,
        code: EVIL,
        requestId: EVIL,
        imitatesProduct: true,
      }}
      target={{ href: `/x?${EVIL}` }}
    />
  ),
  'leaving by a form': (
    <LeavePage
      {...{ title: EVIL, message: EVIL, clientName: EVIL, host: EVIL, requestId: EVIL, imitatesProduct: false }}
      target={{ action: '/x', fields: { csrf: EVIL } }}
    />
  ),
  account: <AccountPage {...account} />,
  'secret shown': <NewSecretPage title={EVIL} value={EVIL} backUrl="/account" note={EVIL} />,
};
const FORMS: Record<string, number> = {
  ...{ 'sign in by providers': 2, 'confirm invitation': 1, 'leaving by a form': 1 },
  ...{ 'sign in': 1, 'set password': 1, consent: 1, 'device code': 1, 'device confirm': 1, 'sign out': 1 },
  account: 1 + 2 + 1 + 2 * 2 + 1 + 2 * 2 + 1,
};

const findAll = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map((match) => match[1] ?? '');

describe.each(Object.entries(PAGES))('the page %s', (name, page) => {
  const html = renderPage(page);
  /** Everything that a browser would parse as markup. */
  const tags = html.match(/<[^>]*>/g)!.join('\n');

  it('a page is one whole document with one heading', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">.*<\/html>\n$/s);
    expect(findAll(html, /<h1>/g)).toHaveLength(1);
    expect(html).toContain(`<link rel="stylesheet" href="/auth/pages.css?v=${pageStylesHash}"/>`);
  });

  it('a page escapes all its input', () => {
    expect(html).not.toMatch(/<(script|img)/);
    expect(findAll(html, /(<\/title>)/g)).toHaveLength(1);
    expect(findAll(html, /<(\/?textarea)/g).length).toBe(name === 'secret shown' ? 2 : 0);
  });

  it('a page has no scripts, inline styles or external resources', () => {
    expect(tags).not.toMatch(/\s(style|on[a-z]+)=/);
    expect(tags).not.toMatch(/<(script|style|iframe|object|embed|base|meta http-equiv)/);
    expect(
      findAll(tags, /\s(?:href|src|action|formaction)="([^"]*)"/g).filter((url) => !/^(\/(?!\/)|data:,$)/.test(url)),
    ).toEqual([]);
  });

  it('a page posts each form with a CSRF field', () => {
    const forms = html.split('<form').slice(1);
    expect(forms).toHaveLength(FORMS[name] ?? 0);
    for (const form of forms)
      expect(form).toMatch(/^ method="post" action="[^"]+"[^>]*><input type="hidden" name="(csrf|xsrf)"/);
  });

  it('a page labels each field once and has unique ids', () => {
    const ids = findAll(tags, /\sid="([^"]*)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const fields = findAll(tags, /<((?:input|select|textarea)\s[^>]*)>/g).filter(
      (field) => !field.includes('type="hidden"'),
    );
    const labelled = findAll(tags, /<label for="([^"]*)"/g);
    expect(fields.map((field) => /\sid="([^"]*)"/.exec(field)?.[1]).sort()).toEqual(labelled.sort());
  });

  it('a page announces its errors and references only existing ids', () => {
    const ids = new Set(findAll(tags, /\sid="([^"]*)"/g));
    const referred = findAll(tags, /\saria-(?:describedby|labelledby)="([^"]*)"/g).flatMap((list) => list.split(' '));
    expect(referred.filter((id) => !ids.has(id))).toEqual([]);
    for (const id of ids) if (id.endsWith('-error')) expect(tags).toContain(`role="alert" id="${id}"`);
    expect(findAll(tags, /<div class="message error"([^>]*)>/g).every((rest) => rest.includes('role="alert"'))).toBe(
      true,
    );
  });
});
