export const FRAME = '';
