/** The account page: its tables, which become cards on phones, and the panels in them. */
export const TABLES = `
.who { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 1rem; }
.who p { display: flex; flex-wrap: wrap; gap: 0 .75rem; margin: 0; }

section .muted { max-width: 44rem; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; font-size: .95rem; }
th { white-space: nowrap; text-align: left; font-weight: 600; font-size: .85rem; color: var(--muted); padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
td { padding: .7rem .75rem .7rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
td:first-child { min-width: 9rem; }
tbody tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; text-align: right; }
.time { color: var(--muted); white-space: nowrap; }

.badge { display: inline-block; font-size: .8rem; font-weight: 600; line-height: 1.5; padding: 0 .5rem; border-radius: 1rem; white-space: nowrap; }
td > .name { margin-right: .5rem; }
td button, td summary { white-space: nowrap; }
.good { color: var(--accent); background: var(--accent-soft); }
.past { color: var(--muted); background: var(--inset); }
.plain { list-style: none; margin: 0; padding: 0; }
.plain li + li { margin-top: .2rem; }

.row-actions { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .5rem; }
.panel { position: relative; }
.panel-body {
  position: absolute;
  z-index: 1;
  right: 0;
  top: calc(100% + .4rem);
  width: 19rem;
  padding: 1rem;
  text-align: left;
  background: var(--card);
  border: 1px solid var(--edge);
  border-radius: .6rem;
  box-shadow: var(--shadow);
}
.panel-body button { width: 100%; }
.panel[open] > summary { background: var(--inset); }

.adding { border-top: 1px solid var(--line); padding-top: 1rem; }
.adding .message { margin: 1rem 0 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1.25rem; margin-top: 1.1rem; }
.fields fieldset, .fields .actions { grid-column: 1 / -1; }
.fields .actions { margin-top: .25rem; }

@media (max-width: 47.9375rem) {
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); border-radius: .6rem; padding: .35rem .9rem; margin-bottom: .75rem; }
  td { position: relative; padding: .4rem 0 .4rem 6.75rem; border-bottom: 0; }
  td::before { content: attr(data-label); position: absolute; left: 0; width: 6rem; color: var(--muted); font-size: .85rem; line-height: 1.8; }
  td:last-child { padding-left: 0; text-align: left; }
  td:last-child::before { content: none; }
  .row-actions { justify-content: flex-start; }
  .panel[open] { flex-basis: 100%; }
  .panel-body { position: static; width: auto; margin-top: .6rem; box-shadow: none; }
  .small { min-height: 2.75rem; }
}
`;
