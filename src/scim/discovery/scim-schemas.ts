/** The schemas (RFC 7643 §7, §8.7), limited to the attributes that the gateway stores. */
import { GROUP_SCHEMA, USER_SCHEMA } from '../protocol/schema-names.js';

interface SchemaAttribute {
  name: string;
  type: 'string' | 'boolean' | 'complex' | 'reference';
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact: boolean;
  mutability: 'readOnly' | 'readWrite' | 'immutable';
  returned: 'default' | 'always';
  uniqueness: 'none' | 'server';
  subAttributes?: SchemaAttribute[];
  referenceTypes?: string[];
}

const createAttribute = (
  name: string,
  description: string,
  overrides: Partial<SchemaAttribute> = {},
): SchemaAttribute => ({
  name,
  type: 'string',
  multiValued: false,
  description,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...overrides,
});

const READ_ONLY = { mutability: 'readOnly' } as const;
const EXTERNAL_ID = createAttribute('externalId', "The directory's own id.", { caseExact: true, uniqueness: 'server' });

const createReference = (type: string): SchemaAttribute =>
  createAttribute('$ref', 'Its URL.', { ...READ_ONLY, type: 'reference', referenceTypes: [type], caseExact: true });

export const SCHEMAS = [
  {
    id: USER_SCHEMA,
    name: 'User',
    description: 'A person of the organization.',
    attributes: [
      createAttribute('userName', 'The e-mail address that the person signs in with, in lower case.', {
        required: true,
        uniqueness: 'server',
      }),
      EXTERNAL_ID,
      createAttribute('name', 'The name to show.', {
        type: 'complex',
        subAttributes: [createAttribute('formatted', 'The whole name; the same as displayName.')],
      }),
      createAttribute('displayName', 'The name to show. Without one: the address.'),
      createAttribute('emails', 'The one address. It is userName, and changes with it.', {
        type: 'complex',
        multiValued: true,
        subAttributes: [
          createAttribute('value', 'The address.'),
          createAttribute('type', 'Always work.'),
          createAttribute('primary', 'Always true.', { type: 'boolean' }),
        ],
      }),
      createAttribute('active', 'Whether the person has access. False ends every session, token and key immediately.', {
        type: 'boolean',
      }),
      createAttribute('groups', 'The groups that the person is in.', {
        ...READ_ONLY,
        type: 'complex',
        multiValued: true,
        subAttributes: [
          createAttribute('value', 'Id of the group.', READ_ONLY),
          createReference('Group'),
          createAttribute('display', 'Its name.', READ_ONLY),
          createAttribute('type', 'Always direct.', READ_ONLY),
        ],
      }),
    ],
  },
  {
    id: GROUP_SCHEMA,
    name: 'Group',
    description: 'A team of the organization.',
    attributes: [
      createAttribute('displayName', 'Its name, unique in the organization.', { required: true, uniqueness: 'server' }),
      EXTERNAL_ID,
      createAttribute('members', 'The users in it.', {
        type: 'complex',
        multiValued: true,
        subAttributes: [
          createAttribute('value', 'Id of the user.', { mutability: 'immutable' }),
          createReference('User'),
          createAttribute('display', "The user's name.", READ_ONLY),
          createAttribute('type', 'Always User.', { mutability: 'immutable' }),
        ],
      }),
    ],
  },
];

export const RESOURCE_TYPES = [
  { id: 'User', name: 'User', description: 'A person.', endpoint: '/Users', schema: USER_SCHEMA },
  { id: 'Group', name: 'Group', description: 'A team.', endpoint: '/Groups', schema: GROUP_SCHEMA },
];
