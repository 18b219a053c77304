/** The SCIM representation of a team (RFC 7643 §4.2). */
import { GROUP_SCHEMA } from '../protocol/schema-names.js';

export interface GroupRow {
  id: string;
  name: string;
  externalId: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Undefined if the request does not ask for it. */
  members?: { value: string; display: string }[] | null;
}

/** `base`: the URL below which the resources are found. */
export const toGroupResource = (group: GroupRow, base: string) => ({
  schemas: [GROUP_SCHEMA],
  id: group.id,
  ...(group.externalId === null ? {} : { externalId: group.externalId }),
  displayName: group.name,
  ...(group.members === undefined
    ? {}
    : {
        members: (group.members ?? []).map((member) => ({
          ...member,
          type: 'User',
          $ref: `${base}/Users/${member.value}`,
        })),
      }),
  meta: {
    resourceType: 'Group',
    created: group.createdAt.toISOString(),
    lastModified: group.updatedAt.toISOString(),
    location: `${base}/Groups/${group.id}`,
  },
});
