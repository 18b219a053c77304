/**
 * Fields and buttons. Edges that carry meaning have a contrast of 3:1 (WCAG 2.2 §1.4.11); targets are 44 px high on
 * touch screens.
 */
export const FORMS = `
form { margin: 0; }
.field { margin: 0 0 1.1rem; }
label, legend { display: block; font-weight: 600; font-size: .95rem; margin-bottom: .35rem; padding: 0; }

input:not([type=checkbox]), select, textarea {
  display: block;
  width: 100%;
  min-height: 2.75rem;
  padding: .55rem .75rem;
  font: inherit;
  color: var(--text);
  background: var(--card);
  border: 1px solid var(--edge);
  border-radius: .5rem;
}

input[readonly], textarea[readonly] { background: var(--inset); border-color: var(--line); }
input.code { font: 600 1.4rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .12em; text-transform: uppercase; text-align: center; }
p.code {
  font: 650 1.6rem/1.3 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  letter-spacing: .12em;
  text-align: center;
  padding: .8rem .5rem;
  border: 1px dashed var(--edge);
  border-radius: .6rem;
}
textarea { resize: none; }
.secret { font: .95rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; word-break: break-all; }
.hint { color: var(--muted); font-size: .875rem; margin: .35rem 0 0; }

.choice { display: flex; align-items: flex-start; gap: .6rem; margin: 0 0 .75rem; }
.choice label { font-weight: 400; margin: 0; }
input[type=checkbox] { width: 1.15rem; height: 1.15rem; margin: .15rem 0 0; flex: none; accent-color: var(--accent); }
fieldset { border: 0; margin: 0 0 1.1rem; padding: 0; min-width: 0; }

.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
.narrow .actions > * { flex: 1 1 9rem; }

.other-ways { display: grid; gap: .75rem; margin-top: 1.5rem; }
.other-ways button { overflow-wrap: anywhere; }
.or { display: flex; align-items: center; gap: .75rem; margin: 0; color: var(--muted); font-size: .9rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }

button, .button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 2.75rem;
  padding: .5rem 1.1rem;
  font: inherit;
  font-weight: 600;
  line-height: 1.25;
  text-align: center;
  text-decoration: none;
  color: var(--text);
  background: var(--card);
  border: 1px solid var(--edge);
  border-radius: .5rem;
  cursor: pointer;
}

button:hover, .button:hover { background: var(--inset); color: var(--text); }
.primary { color: var(--on-accent); background: var(--accent); border-color: transparent; }
.primary:hover { color: var(--on-accent); background: var(--accent-strong); }
.danger { color: var(--on-danger); background: var(--danger); border-color: transparent; }
.danger:hover { color: var(--on-danger); background: var(--danger-strong); }
.small { min-height: 2.1rem; padding: .25rem .7rem; font-size: .9rem; }

button.link {
  display: block;
  min-height: 0;
  padding: .35rem 0;
  font-weight: 400;
  font-size: .9rem;
  color: var(--accent);
  background: none;
  border: 0;
  text-decoration: underline;
  text-underline-offset: .2em;
}

button.link:hover { color: var(--accent-strong); background: none; }

:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

summary { list-style: none; }
summary::-webkit-details-marker { display: none; }

@media (forced-colors: active) {
  button, .button { border-color: ButtonBorder; }
}
`;
