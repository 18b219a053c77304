/** Converts rows of records to what the API shows. Pure. */
import { COLUMNS, type InteractionRow } from '../recording/interaction-record.js';
import type { Columns } from '../recording/column.js';
import type { InteractionView } from './interactions.dto.js';

type RecordView = Omit<InteractionView, 'isContentKept' | 'oauthClientName'>;

interface ViewColumn {
  readonly member: keyof InteractionRow;
  readonly name: string;
  readonly toView: ((stored: unknown) => unknown) | null;
}

const listViewColumns = (full: boolean): ViewColumn[] =>
  Object.entries(COLUMNS as Columns)
    .filter(([, { view }]) => view.access === 'all' || (full && view.access === 'restricted'))
    .map(([member, { view }]) => ({
      member: member as keyof InteractionRow,
      name: view.name ?? member,
      toView: view.toView ?? null,
    }));

/** For readers of all records. */
export const FULL_COLUMNS = listViewColumns(true);
const OWN_COLUMNS = listViewColumns(false);

/** `full`: for a reader of all records. */
export function toInteractionView(row: InteractionRow, full: boolean): RecordView {
  const view: Record<string, unknown> = {};
  for (const { member, name, toView } of full ? FULL_COLUMNS : OWN_COLUMNS)
    view[name] = toView === null ? row[member] : toView(row[member]);
  return view as unknown as RecordView;
}
