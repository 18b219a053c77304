import type { ComponentChildren, JSX } from 'preact';
import { pageStylesHash } from '../styles/stylesheet.js';

export interface LayoutProps {
  /** The page's only heading, and the title of the browser tab. */
  title: string;
  organizationName?: string;
  /** `wide`: for tables; each section is then a card. */
  width?: 'narrow' | 'wide';
  children: ComponentChildren;
}

/** The frame of every page. The hash in the style sheet's URL lets browsers cache it permanently. */
export function Layout({ title, organizationName, width = 'narrow', children }: LayoutProps): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · Gatehouse`}</title>
        {/* An empty icon: without it, browsers request /favicon.ico. */}
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={`/auth/pages.css?v=${pageStylesHash}`} />
      </head>
      <body>
        <div class={`page ${width}`}>
          <header class="masthead">
            <Gate />
            <span class="product">Gatehouse</span>
            {organizationName !== undefined && <bdi class="organization">{organizationName}</bdi>}
          </header>
          <main class={width === 'narrow' ? 'card' : ''}>
            <h1>{title}</h1>
            {children}
          </main>
        </div>
      </body>
    </html>
  );
}

const Gate = (): JSX.Element => (
  <svg class="gate" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d="M3 21V11a9 9 0 0 1 18 0v10h-5v-9a4 4 0 0 0-8 0v9z" />
  </svg>
);
