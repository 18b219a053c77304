/**
 * The only style sheet of the pages. It is a string in a module, so that no file has to be copied or found at run time.
 */
import { hash } from 'node:crypto';
import { COLORS } from './colors.js';
import { FORMS } from './forms.js';
import { FRAME } from './frame.js';
import { TABLES } from './tables.js';

export const PAGE_STYLES = [COLORS, FRAME, FORMS, TABLES].join('\n');

/** Changes whenever the styles change. */
export const pageStylesHash = hash('sha256', PAGE_STYLES, 'base64url').slice(0, 16);
