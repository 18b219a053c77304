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

const createCharTest = (characters: string): ((code: number) => boolean) => {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return (code) => table[code] === 1;
};
const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LETTERS = UPPER + UPPER.toLowerCase();
const isUpperOrDigit = createCharTest(UPPER + DIGITS);
const isAlphanumeric = createCharTest(LETTERS + DIGITS);
const isHyphened = createCharTest(`${LETTERS + DIGITS}-`);
const isUnderscored = createCharTest(`${LETTERS + DIGITS}_`);
export const isUrlSafe = createCharTest(`${LETTERS + DIGITS}-_`);
const isDotted = createCharTest(`${LETTERS + DIGITS}-_.`);
const isPath = createCharTest(`${LETTERS + DIGITS}/`);

const defineForm = (prefix: string, isIn: SecretForm['isIn'], min: number, max = 250): SecretForm => ({
  prefix,
  isIn,
  min: min,
  max: max,
});

/** Length of the gateway's own secrets: 32 bytes in base64url and six characters of checksum. */
const GATEWAY_SECRET_CHARS = 49;

/** No prefix begins with another prefix that is listed before it. */
export const SECRET_FORMS: readonly SecretForm[] = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((prefix) => defineForm(prefix, isUpperOrDigit, 16, 16)),
  defineForm('github_pat_', isUnderscored, 22),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => defineForm(prefix, isAlphanumeric, 36)),
  defineForm('glpat-', isUrlSafe, 20),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xapp-'].map((prefix) => ({
    ...defineForm(prefix, isHyphened, 20),
    isMixed: true,
  })),
  defineForm('https://hooks.slack.com/services/', isPath, 30),
  defineForm('AIza', isUrlSafe, 35, 35),
  defineForm('ya29.', isUrlSafe, 30),
  defineForm('GOCSPX-', isUrlSafe, 28, 28),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => defineForm(prefix, isAlphanumeric, 16)),
  defineForm('whsec_', isAlphanumeric, 24),
  ...['sk-ant-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-or-v1-'].map((prefix) => ({
    ...defineForm(prefix, isUrlSafe, 20),
    isMixed: true,
  })),
  { ...defineForm('sk-', isUrlSafe, 32), isMixed: true },
  defineForm('arch_api_', isUrlSafe, GATEWAY_SECRET_CHARS, GATEWAY_SECRET_CHARS),
  defineForm('arch_', isUrlSafe, GATEWAY_SECRET_CHARS, GATEWAY_SECRET_CHARS),
  ...['llm_secret_', 'llm_at_', 'llm_ut_', 'llm_rt_'].map((prefix) =>
    defineForm(prefix, isUrlSafe, GATEWAY_SECRET_CHARS, GATEWAY_SECRET_CHARS),
  ),
  defineForm('hf_', isAlphanumeric, 34, 40),
  defineForm('npm_', isAlphanumeric, 36, 36),
  defineForm('gsk_', isAlphanumeric, 48),
  defineForm('xai-', isAlphanumeric, 70),
  defineForm('SG.', isDotted, 60, 80),
];
