/** Explains to the person who filled in a form why it was refused. Fields have the names that the form shows. */
import type { GatewayError } from '../../../platform/errors/gateway-error.js';

const FIELDS: Readonly<Record<string, string>> = {
  name: 'The name',
  provider: 'The provider',
  apiKey: 'The key',
  baseUrl: 'The base URL',
};

/** Replacements for API messages that refer to a field that no form has. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^name must be (longer|shorter)/, 'Give the key a name of 1 to 200 characters.'],
  [/^provider must be one of/, 'Choose a provider from the list.'],
  [/^apiKey must be (longer|shorter)/, 'Paste the key that the provider gave you.'],
];

/** Returns one sentence per invalid field, or the error's own text. */
export function describeRefusal({ detail, fields = [] }: Pick<GatewayError, 'detail' | 'fields'>): string {
  const firstPerPointer = fields.filter(({ pointer }, i) => fields.findIndex((each) => each.pointer === pointer) === i);
  return firstPerPointer.length === 0 ? detail : firstPerPointer.map((field) => rewordDetail(field.detail)).join(' ');
}

function rewordDetail(detail: string): string {
  const replacement = REPLACEMENTS.find(([pattern]) => pattern.test(detail));
  if (replacement) return replacement[1];
  const reworded = detail.replace(/\b(?:name|provider|apiKey|baseUrl)\b(?= (?:must|is)\b)/, (word) => FIELDS[word]!);
  return /[.!?]$/.test(reworded) ? reworded : `${reworded}.`;
}
