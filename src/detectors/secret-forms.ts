/**
 * Forms of the secrets of well-known services: how they begin, and what follows. From the services' own documentation.
 */
export interface SecretForm {
  readonly prefix: string;
  /** Characters that may follow, from `least` to `most` of them. */
  readonly isIn: (code: number) => boolean;
  readonly min: number;
  readonly max: number;
  /** Whether the rest must contain digits and letters, so that `sk-learn-some-words` is not a key. */
  readonly isMixed?: boolean;
}

const range = (characters: string): ((code: number) => boolean) => {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return (code) => table[code] === 1;
};
const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LETTERS = UPPER + UPPER.toLowerCase();
const isUpperOrDigit = range(UPPER + DIGITS);
const isAlphanumeric = range(LETTERS + DIGITS);
const isHyphened = range(`${LETTERS + DIGITS}-`);
const isUnderscored = range(`${LETTERS + DIGITS}_`);
export const isUrlSafe = range(`${LETTERS + DIGITS}-_`);
const isDotted = range(`${LETTERS + DIGITS}-_.`);
const isPath = range(`${LETTERS + DIGITS}/`);

const form = (prefix: string, isIn: SecretForm['isIn'], least: number, most = 250): SecretForm => ({
  prefix,
  isIn,
  min: least,
  max: most,
});

/** Length of the gateway's own secrets: 32 bytes in base64url and six characters of checksum. */
const GATEWAY_SECRET_CHARS = 49;

/** No prefix begins with another prefix that is listed before it. */
export const SECRET_FORMS: readonly SecretForm[] = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((prefix) => form(prefix, isUpperOrDigit, 16, 16)),
  form('github_pat_', isUnderscored, 22),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => form(prefix, isAlphanumeric, 36)),
  form('glpat-', isUrlSafe, 20),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xapp-'].map((prefix) => ({
    ...form(prefix, isHyphened, 20),
    isMixed: true,
  })),
  form('https://hooks.slack.com/services/', isPath, 30),
  form('AIza', isUrlSafe, 35, 35),
  form('ya29.', isUrlSafe, 30),
  form('GOCSPX-', isUrlSafe, 28, 28),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => form(prefix, isAlphanumeric, 16)),
  form('whsec_', isAlphanumeric, 24),
  ...['sk-ant-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-or-v1-'].map((prefix) => ({
    ...form(prefix, isUrlSafe, 20),
    isMixed: true,
  })),
  { ...form('sk-', isUrlSafe, 32), isMixed: true },
  form('arch_api_', isUrlSafe, GATEWAY_SECRET_CHARS, GATEWAY_SECRET_CHARS),
  form('arch_', isUrlSafe, GATEWAY_SECRET_CHARS, GATEWAY_SECRET_CHARS),
  ...['llm_secret_', 'llm_at_', 'llm_ut_', 'llm_rt_'].map((prefix) =>
    form(prefix, isUrlSafe, GATEWAY_SECRET_CHARS, GATEWAY_SECRET_CHARS),
  ),
  form('hf_', isAlphanumeric, 34, 40),
  form('npm_', isAlphanumeric, 36, 36),
  form('gsk_', isAlphanumeric, 48),
  form('xai-', isAlphanumeric, 70),
  form('SG.', isDotted, 60, 80),
];
