import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** Renders a whole document. All component props are escaped: nothing here is raw HTML. */
export const renderPage = (page: VNode): string => `<!doctype html>\n${renderToString(page)}\n`;
