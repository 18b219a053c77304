/** Formats the records as a table for a terminal of 100 columns. */
import type { DemoRecord } from '../stage/records.js';

interface Column {
  title: string;
  width: number;
  /** Numbers are right-aligned. */
  isNumber?: true;
  text: (record: DemoRecord) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'provider', width: 10, text: ({ provider }) => provider },
  { title: 'route', width: 25, text: (record) => route(record) },
  { title: 'answer', width: 9, text: ({ streaming }) => (streaming ? 'streamed' : 'whole') },
  { title: 'status', width: 6, isNumber: true, text: ({ status }) => String(status) },
  { title: 'tokens in', width: 11, isNumber: true, text: ({ inputTokens }) => count(inputTokens) },
  { title: 'cached', width: 8, isNumber: true, text: ({ cachedInputTokens }) => count(cachedInputTokens) },
  { title: 'out', width: 5, isNumber: true, text: ({ outputTokens }) => count(outputTokens) },
  { title: 'cost US$', width: 11, isNumber: true, text: ({ costUsd }) => costUsd?.toFixed(6) ?? '–' },
  { title: 'ms', width: 6, isNumber: true, text: ({ durationMs }) => durationMs.toFixed(0) },
];

export const formatTableHead = (): string => row((column) => column.title);

export const formatTableRow = (record: DemoRecord): string => row((column) => column.text(record));

const row = (text: (column: Column) => string): string =>
  COLUMNS.map((column) => (column.isNumber ? text(column).padStart(column.width) : text(column).padEnd(column.width)))
    .join('')
    .trimEnd();

const count = (tokens: number | null): string => tokens?.toLocaleString('en') ?? '–';

/** Shortens paths that contain a model, which would fill the line. */
const route = ({ path }: DemoRecord): string => path.replace(/^v1(?:beta)?\/models\/[^:]+/, '…');
