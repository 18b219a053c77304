/**
 * Detects names of clients that imitate the name of this product. People decide on the consent page by names, and a
 * client chooses its own. Names are compared by their appearance: compatibility forms, case, marks, invisible
 * characters, spaces, punctuation, digits in place of letters and letters of other scripts make no difference. Pure.
 */

const PRODUCT = 'gatehouse';

/** Complete names of pages and clients of the product. Together with other words they are a different name. */
const OWN_NAMES: ReadonlySet<string> = new Set(['youraccount', 'tokenexchange']);

/** Characters that look like the letters of the product's name, lower case, after NFKD (Unicode UTS #39, confusables). */
const LOOKALIKES: Readonly<Record<string, string>> = {
  g: 'ɡɢɠǥցԍᶃᏀꮐ69q',
  a: 'аαɑᴀⲁ∀ꭺꓮ4@',
  t: 'тτᴛŧƭʈⲧꭲꓔ⊤†7+',
  e: 'еєεɛҽᴇǝəɇⲉꭼꓰ℮3',
  h: 'һнհηʜħɦⱨⲏꮋꓧ',
  o: 'оοօσθөᴏøɵჿⲟⵔꓳ〇०০੦૦௦౦೦൦๐໐၀٠۰○0',
  u: 'υսᴜʋцʊⲩꓴ∪v',
  s: 'ѕꜱʂƽςꮪꓢտ§5$',
};

const LETTER_BY_LOOKALIKE: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKALIKES).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
);

/** Marks and invisible characters: zero-width characters, directions, soft hyphens, variation selectors. */
const INVISIBLE = /[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * True for `Gatehouse`, `GATEH0USE`, `Gate house Console` and the like. False for words that contain the letters by
 * chance across a boundary (`investigate house`).
 */
export function resemblesProduct(name: string): boolean {
  const words = splitWords(name);
  const joined = words.join('');
  if (OWN_NAMES.has(joined)) return true;
  const starts = new Set<number>();
  let start = 0;
  for (const word of words) {
    if (word.includes(PRODUCT)) return true;
    starts.add(start);
    start += word.length;
  }
  for (let at = joined.indexOf(PRODUCT); at !== -1; at = joined.indexOf(PRODUCT, at + 1))
    if (starts.has(at)) return true;
  return false;
}

/** Returns the name in plain letters, as far as each has a lookalike, split at visible gaps. */
function splitWords(name: string): string[] {
  const characters = [
    ...name.normalize('NFKD').replace(INVISIBLE, '').toLowerCase().normalize('NFKD').replace(INVISIBLE, ''),
  ];
  const letters = characters.map((character) => LETTER_BY_LOOKALIKE.get(character) ?? character).join('');
  return letters.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}
