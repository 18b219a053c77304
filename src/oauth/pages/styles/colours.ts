export const COLOURS = '';
