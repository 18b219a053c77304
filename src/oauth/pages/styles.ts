/** The pages' one style sheet. A string in a module: it is there wherever the program is, with nothing to copy or find. */
import { hash } from 'node:crypto';
import { COLOURS } from './styles/colours.js';
import { FORMS } from './styles/forms.js';
import { FRAME } from './styles/frame.js';
import { TABLES } from './styles/tables.js';

export const PAGE_STYLES = [COLOURS, FRAME, FORMS, TABLES].join('\n');

/** Changes whenever the styles do. */
export const pageStylesHash = hash('sha256', PAGE_STYLES, 'base64url').slice(0, 16);
