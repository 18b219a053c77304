/** Converts rows of records to what the API shows. Pure. */
import { COLUMNS, type InteractionRow } from '../recording/interaction-record.js';
import type { Columns } from '../recording/column.js';
import type { InteractionView } from './interactions.dto.js';

type RecordView = Omit<InteractionView, 'isContentKept' | 'oauthClientName'>;

interface ShownColumn {
  readonly member: keyof InteractionRow;
  readonly name: string;
  readonly show: ((stored: unknown) => unknown) | null;
}

const listShown = (full: boolean): ShownColumn[] =>
  Object.entries(COLUMNS as Columns)
    .filter(([, { view }]) => view.access === 'all' || (full && view.access === 'restricted'))
    .map(([member, { view }]) => ({
      member: member as keyof InteractionRow,
      name: view.name ?? member,
      show: view.show ?? null,
    }));

/** For readers of all records. */
export const FULL_COLUMNS = listShown(true);
const OWN_COLUMNS = listShown(false);

/** `full`: for a reader of all records. */
export function toInteractionView(row: InteractionRow, full: boolean): RecordView {
  const view: Record<string, unknown> = {};
  for (const { member, name, show } of full ? FULL_COLUMNS : OWN_COLUMNS)
    view[name] = show === null ? row[member] : show(row[member]);
  return view as unknown as RecordView;
}
