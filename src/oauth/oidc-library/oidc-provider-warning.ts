/**
 * Must be imported before oidc-provider. On Node 20, the minimum version, the library warns at its import that it does
 * not support it. It works there, as all suites prove, and the line does not help the person who starts the program.
 */
const warn = console.warn;

console.warn = (...words: unknown[]): void => {
  if (!String(words[0]).includes('Unsupported runtime')) warn(...words);
};

/** Restores `console.warn`. */
export const restoreWarnings = (): void => void (console.warn = warn);
