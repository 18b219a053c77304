/** The SCIM representation of a user (RFC 7643 §4.1). */
import { USER_SCHEMA } from '../protocol/schema-names.js';

export interface UserRow {
  id: string;
  email: string;
  name: string;
  externalId: string | null;
  isDisabled: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** The user's teams; undefined if the request does not ask for them. */
  groups?: { value: string; display: string }[] | null;
}

export const toEmails = (email: string) => [{ value: email, type: 'work', primary: true }];

/** `base`: the URL below which the resources are found. */
export const toUserResource = (user: UserRow, base: string) => ({
  schemas: [USER_SCHEMA],
  id: user.id,
  ...(user.externalId === null ? {} : { externalId: user.externalId }),
  userName: user.email,
  name: { formatted: user.name },
  displayName: user.name,
  emails: toEmails(user.email),
  active: !user.isDisabled,
  ...(user.groups?.length
    ? { groups: user.groups.map((group) => ({ ...group, type: 'direct', $ref: `${base}/Groups/${group.value}` })) }
    : {}),
  meta: {
    resourceType: 'User',
    created: user.createdAt.toISOString(),
    lastModified: user.updatedAt.toISOString(),
    location: `${base}/Users/${user.id}`,
  },
});
