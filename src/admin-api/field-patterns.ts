/** Patterns of fields, apart from the validation rules so that the command line loads no validation library. */

/** Text without control characters and lone surrogates: PostgreSQL stores no NUL, and no lone surrogates in JSON. */
export const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;

/** An instant as text, with its offset from UTC (RFC 3339); `new Date(text)` reads every value that matches. */
export const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
