import type { ComponentChildren, JSX } from 'preact';

export interface TableProps {
  caption: string;
  /** One heading a column; the last column holds what can be done with a row. */
  columns: readonly string[];
  rows: readonly { id: string; cells: readonly ComponentChildren[] }[];
  /** Stands in place of a table without rows. */
  empty: string;
}

/**
 * Rows that become cards where the screen is narrow. The roles are said out loud because browsers forget them when the
 * style sheet stops laying a table out as one; `data-label` is what a card shows in place of the column's heading.
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
