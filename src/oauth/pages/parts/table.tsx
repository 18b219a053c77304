import type { ComponentChildren, JSX } from 'preact';

export interface TableProps {
  caption: string;
  /** One heading per column; the last column holds the actions of a row. */
  columns: readonly string[];
  rows: readonly { id: string; cells: readonly ComponentChildren[] }[];
  /** Shown instead of a table without rows. */
  empty: string;
}

/**
 * A table whose rows become cards on narrow screens. The roles are explicit because browsers drop them when the style
 * sheet overrides the table layout. `data-label` is the card's replacement for the column heading.
 */
export function Table({ caption, columns, rows, empty }: TableProps): JSX.Element {
  if (rows.length === 0) return <p class="muted">{empty}</p>;
  return (
    <table role="table">
      <caption class="unseen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ id, cells }) => (
          <tr key={id} role="row">
            {cells.map((cell, index) => (
              <td key={columns[index]} role="cell" data-label={columns[index]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
