/**
 * To be imported before oidc-provider. On Node 20, which is our floor, the library says at its import that it does not
 * support it; it works there, all suites prove it, and who starts the program has no use for the line.
 */
const warn = console.warn;

console.warn = (...words: unknown[]): void => {
  if (!String(words[0]).includes('Unsupported runtime')) warn(...words);
};

/** Everything that is said from now on is said. */
export const noticesAreOver = (): void => void (console.warn = warn);
