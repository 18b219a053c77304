/** Credentials of the gateway by their prefixes, credentials of vendors by the usual prefixes, and identity tokens. */
const CREDENTIAL =
  /(?<![A-Za-z0-9])(?:(?:arch|archestra|llm_(?:at|ut|rt|secret))_[\w-]{8,}|(?:sk|pk|rk|gsk|xai|csk|pplx|tgp|fw|hf|ghp|gho|github_pat|glpat|AIza|ya29|ABSK|AKIA|ASIA|vck)[-_.]?[\w-]{16,}|e[wy][\w-]{8,}\.[\w-]*(?:\.[\w-]*)*)/g;
const SUSPECT = /_|-|\.|AIza|ABSK|AKIA|ASIA/;
const MASK = '[masked]';

/** Replaces every credential in a text by `[masked]`: for logs, records and error documents. */
export const maskCredentials = (text: string): string =>
  text.length > 12 && SUSPECT.test(text) ? text.replace(CREDENTIAL, MASK) : text;
