import { resemblesProduct } from './product-name.js';

it.each<[string, string]>([
  ['the product name itself', 'Gatehouse'],
  ['another case', 'gAtEhOuSe'],
  ['a word after it', 'Gatehouse Console'],
  ['a word before it', 'Official Gatehouse'],
  ['a space in it', 'Gate house Console'],
  ['spaces between all letters', 'G a t e h o u s e'],
  ['punctuation', 'Gate-house.'],
  ['more punctuation', 'g_a.t-e/h:o*u·s•e'],
  ['brackets', '[Gate](house)'],
  ['a zero', 'GATEH0USE'],
  ['digits for letters', '6473h0u53'],
  ['signs for letters', 'G@teh0u$e'],
  ['full-width letters', 'Ｇａｔｅｈｏｕｓｅ'],
  ['bold mathematical letters', '𝐆𝐚𝐭𝐞𝐡𝐨𝐮𝐬𝐞'],
  ['letters in circles', 'Ⓖⓐⓣⓔⓗⓞⓤⓢⓔ'],
  ['Cyrillic letters', 'Gаtеhоusе'],
  ['Cyrillic capitals', 'GАТЕНОUЅЕ'],
  ['Greek letters', 'Gαtεhουsε'],
  ['Greek capitals', 'GΑΤΕΗΟUSΕ'],
  ['Armenian letters', 'ցateհօսse'],
  ['Cherokee letters', 'ᏀᎪᎢᎬᎻOUᏚᎬ'],
  ['small capitals', 'ɢᴀᴛᴇʜᴏᴜꜱᴇ'],
  ['accents', 'Gâtéhöüsé'],
  ['combining marks', 'G\u0301a\u0308t\u0323eh\u0335ouse'],
  ['a zero-width space', 'Gate\u200bhouse'],
  ['a zero-width joiner, a soft hyphen and a word joiner', 'Ga\u200dte\u00adho\u2060use'],
  ['a direction override', '\u202eGatehouse'],
  ['a variation selector', 'Gate\ufe0fhouse'],
  ['no-break and ideographic spaces', 'Gate\u00a0hou\u3000se'],
  ['a prefix', 'MyGatehouse'],
  ['a suffix', 'gatehouse2'],
  ['a URL around it', 'https://gatehouse.example/app.json'],
  ['the title of the account pages', 'Your account'],
  ['the disguised title of the account pages', 'YOUR  ACC\u200bOUNT!'],
])('a name with %s is recognized as an imitation: %p', (_, name) => {
  expect(resemblesProduct(name)).toBe(true);
});

it.each([
  'Notes',
  'Gate',
  'Housekeeper',
  'Gatekeeper',
  'Warehouse',
  'House gate',
  'We investigate house prices',
  'Your account manager',
  'Git client',
  'Заметки',
  '',
  '🏠',
])('%p is not an imitation of the product name', (name) => {
  expect(resemblesProduct(name)).toBe(false);
});

it('a long name is checked within 500 ms', () => {
  const began = performance.now();
  expect(resemblesProduct(`${'gatehous '.repeat(2_000)}`)).toBe(false);
  expect(performance.now() - began).toBeLessThan(500);
});
