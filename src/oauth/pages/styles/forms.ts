export const FORMS = '';
