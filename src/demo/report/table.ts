/** Formats the records as a table for a terminal of 100 columns. */
import type { DemoRecord } from '../stage/records.js';

interface Column {
  title: string;
  width: number;
  /** Numbers are right-aligned. */
  isNumber?: true;
  format: (record: DemoRecord) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'provider', width: 10, format: ({ provider }) => provider },
  { title: 'route', width: 25, format: (record) => formatRoute(record) },
  { title: 'answer', width: 9, format: ({ streaming }) => (streaming ? 'streamed' : 'whole') },
  { title: 'status', width: 6, isNumber: true, format: ({ status }) => String(status) },
  { title: 'tokens in', width: 11, isNumber: true, format: ({ inputTokens }) => formatCount(inputTokens) },
  { title: 'cached', width: 8, isNumber: true, format: ({ cachedInputTokens }) => formatCount(cachedInputTokens) },
  { title: 'out', width: 5, isNumber: true, format: ({ outputTokens }) => formatCount(outputTokens) },
  { title: 'cost US$', width: 11, isNumber: true, format: ({ costUsd }) => costUsd?.toFixed(6) ?? '–' },
  { title: 'ms', width: 6, isNumber: true, format: ({ durationMs }) => durationMs.toFixed(0) },
];

export const formatTableHead = (): string => formatRow((column) => column.title);

export const formatTableRow = (record: DemoRecord): string => formatRow((column) => column.format(record));

const formatRow = (format: (column: Column) => string): string =>
  COLUMNS.map((column) =>
    column.isNumber ? format(column).padStart(column.width) : format(column).padEnd(column.width),
  )
    .join('')
    .trimEnd();

const formatCount = (tokens: number | null): string => tokens?.toLocaleString('en') ?? '–';

/** Shortens paths that contain a model, which would fill the line. */
const formatRoute = ({ path }: DemoRecord): string => path.replace(/^v1(?:beta)?\/models\/[^:]+/, '…');
