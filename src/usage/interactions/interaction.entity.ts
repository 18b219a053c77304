import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { toColumnName, type Columns } from '../recording/column.js';
import { COLUMNS, type InteractionRow } from '../recording/interaction-record.js';

/** Members that lists are filtered by. */
const INDEXED: readonly (keyof InteractionRow)[] = [
  'status',
  'authMethod',
  'virtualKeyId',
  'oauthClientId',
  'userId',
  'proxyId',
  'sessionId',
  'agentId',
  'clientName',
];

const PRIMARY_KEY = { primary: true, primaryKeyConstraintName: 'interaction_pkey' };

const columns = Object.entries(COLUMNS as Columns).map(([member, column]): [string, EntitySchemaColumnOptions] => [
  member,
  {
    type: column.type === 'uuid[]' ? 'uuid' : column.type,
    name: toColumnName(member),
    nullable: column.isNullable,
    ...(column.type === 'uuid[]' ? { array: true } : {}),
    ...(column.precision === undefined ? {} : { precision: column.precision }),
    ...(column.default === undefined ? {} : { default: column.default }),
    ...(column.isPrimary ? PRIMARY_KEY : {}),
  },
]);

/** The table of records. */
export const InteractionEntity = new EntitySchema<InteractionRow>({
  name: 'interaction',
  columns: Object.fromEntries(columns),
  indices: [
    { name: 'interaction_organization_id_idx', columns: ['organizationId', 'createdAt', 'id'] },
    ...INDEXED.map((member) => ({
      name: `interaction_${toColumnName(member)}_idx`,
      columns: ['organizationId', member, 'createdAt', 'id'],
    })),
  ],
});
