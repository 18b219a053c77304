export const TABLES = '';
