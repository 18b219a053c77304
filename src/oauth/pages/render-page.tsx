import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A whole document. Whatever stands in a component's props comes out escaped: nothing here is ever raw HTML. */
export const renderPage = (page: VNode): string => `<!doctype html>\n${renderToString(page)}\n`;
