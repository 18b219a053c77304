/** The frame around a page's contents, and running text. */
export const FRAME = `
*, *::before, *::after { box-sizing: border-box; }

html {
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
}

body { margin: 0; }

.page {
  display: flex;
  flex-direction: column;
  gap: 1.25rem;
  margin: 0 auto;
  padding: clamp(1.25rem, 7vh, 5rem) 1rem 3rem;
}

.narrow { max-width: 30rem; }
.wide { max-width: 68rem; padding-top: 2rem; }
.wide main { display: flex; flex-direction: column; gap: 1.25rem; }

.masthead { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; padding: 0 .25rem; }
.gate { width: 1.4rem; height: 1.4rem; fill: var(--accent); flex: none; }
.product { font-weight: 650; letter-spacing: -.01em; }
.organization { color: var(--muted); border-left: 1px solid var(--edge); padding-left: .6rem; margin-left: .1rem; }

.card {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: .9rem;
  box-shadow: var(--shadow);
  padding: clamp(1.25rem, 5vw, 2rem);
}

.card > :first-child, dd > :first-child { margin-top: 0; }
.card > :last-child, dd > :last-child { margin-bottom: 0; }

h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -.02em; margin: 0 0 1rem; text-wrap: balance; }
.wide h1 { margin: 0; }
h2 { font-size: 1.15rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; margin: 0 0 .35rem; }
p { margin: 0 0 1rem; }
.lead { margin-top: -.75rem; color: var(--muted); }
.name { font-weight: 600; color: var(--text); }
.host { display: block; color: var(--muted); font-size: .9rem; }
.muted { color: var(--muted); }
.footnote { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .9rem; }
code { font: .875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
a { color: var(--accent); text-underline-offset: .2em; }
a:hover { color: var(--accent-strong); }

.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.client { background: var(--inset); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; margin-bottom: 1rem; }
.client-name { font-size: 1.1rem; font-weight: 650; line-height: 1.3; max-height: 8em; overflow: auto; margin: 0; }
.client dl { margin: .5rem 0 0; font-size: .9rem; }
.client dl div { display: flex; flex-wrap: wrap; gap: 0 .4rem; }
.client dt { color: var(--muted); }
.client dd { margin: 0; font-weight: 600; }

.terms { margin: 0 0 1rem; }
.terms > div { padding: .75rem 0; border-top: 1px solid var(--line); }
.terms > div:first-child { border-top: 0; padding-top: .25rem; }
.terms dt { color: var(--muted); font-size: .85rem; }
.terms dd { margin: .1rem 0 0; }
.terms ul { margin: 0; padding: 0 0 0 1.1rem; }
.terms li::marker { color: var(--edge); }
.terms li:only-child { list-style: none; margin-left: -1.1rem; }
.terms li + li { margin-top: .25rem; }
.terms code { color: var(--muted); }

.trace { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--muted); }
.trace div { display: flex; gap: .5rem; }
.trace dt { flex: none; min-width: 4.5rem; }
.trace dd { margin: 0; }

.message { border-radius: .6rem; padding: .75rem 1rem; margin: 0 0 1rem; border: 1px solid; font-size: .95rem; }
.message p { margin: 0; }
.error { color: var(--danger); background: var(--danger-soft); }
.done { color: var(--accent); background: var(--accent-soft); }
.done .name, .caution .name { color: inherit; }
.caution { color: var(--caution); background: var(--caution-soft); border-color: var(--caution-line); }
.wide .message { margin: 0; }
`;
