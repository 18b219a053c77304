/** Messages of the account page after a form succeeded. The URL holds a code for the message, never its text. */
const SENTENCES = {
  'key-added': 'The provider key is stored.',
  'key-replaced': 'The provider key was replaced. Calls use the new one from now on.',
  'key-deleted': 'The provider key was deleted.',
  'virtual-key-deleted': 'The virtual key was deleted. Calls with it are refused from now on.',
  'app-revoked': 'The app was revoked. Its tokens are refused from now on.',
  'session-ended': 'The session was ended.',
} as const;

export type DoneCode = keyof typeof SENTENCES;

/** Returns undefined for an unknown code. */
export const findDoneMessage = (code: unknown): string | undefined =>
  typeof code === 'string' && Object.hasOwn(SENTENCES, code) ? SENTENCES[code as DoneCode] : undefined;
