/** What the account page says after a form was carried out. The address names the sentence; it never holds one. */
const SENTENCES = {
  'key-added': 'The provider key is stored.',
  'key-replaced': 'The provider key was replaced. Calls use the new one from now on.',
  'key-deleted': 'The provider key was deleted.',
  'virtual-key-deleted': 'The virtual key was deleted. Calls with it are refused from now on.',
  'app-revoked': 'The app was revoked. Its tokens are refused from now on.',
  'session-ended': 'The session was ended.',
} as const;

export type DoneCode = keyof typeof SENTENCES;

/** Undefined for what is no code of ours. */
export const doneMessage = (code: unknown): string | undefined =>
  typeof code === 'string' && Object.hasOwn(SENTENCES, code) ? SENTENCES[code as DoneCode] : undefined;
