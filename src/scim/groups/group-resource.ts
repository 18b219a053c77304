/** A team as SCIM shows it (RFC 7643 §4.2). */
import { GROUP_SCHEMA } from '../schema-names.js';

export interface GroupRow {
  id: string;
  name: string;
  externalId: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Undefined where nobody asked. */
  members?: { value: string; display: string }[] | null;
}

/** `base`: the URL under which the resources stand. */
export const groupResource = (group: GroupRow, base: string) => ({
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
