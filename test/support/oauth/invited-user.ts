/** Creates users in the regular way: invited by an admin, with a password that they set themselves. */
import type { AdminClient, Json } from '../http/admin-client.js';
import type { Person } from './oauth-driver.js';
import { headingOf, PageBrowser } from './page-browser.js';

export interface Invited extends Person {
  id: string;
}

let invitations = 0;

/** Invites a user with `role`, and completes the page of the invitation. */
export async function invite(admin: AdminClient, role: string, email?: string): Promise<Invited> {
  invitations++;
  const person = { email: email ?? `person-${invitations}@example.com`, password: `${role} with a long password` };
  const user: Json = await admin.create('/api/users', { email: person.email, name: person.email, role });
  const browser = new PageBrowser(admin.url);
  const set = await browser.submit(await browser.go(user.invitationUrl as string), { password: person.password });
  if (set.status !== 200)
    throw new Error(`the password was not set: ${headingOf(set.html)} ${set.html.slice(0, 1500)}`);
  return { id: user.id as string, ...person };
}
