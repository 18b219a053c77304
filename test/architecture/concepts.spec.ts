/**
 * A concept is in one place: the number of production files that name an existing member of it bounds the number that a
 * new member touches. CONTRIBUTING.md has the recipes.
 */
import { resolve } from 'node:path';
import { LIMIT_TYPE_IDS } from '../../src/usage/limits/definitions/limit-types.js';
import { toColumnName } from '../../src/usage/recording/column.js';
import { listFiles, readSource } from './source-tree.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const sources = listFiles(ROOT).map((file) => [file, readSource(ROOT, file)] as const);

/** Files of the folders that name one of the words, in code or in comments. */
const filesNaming = (words: readonly string[], folders: readonly string[] = ['']): string[] => {
  const pattern = new RegExp(`\\b(?:${words.join('|')})\\b`);
  return sources
    .filter(([file, text]) => folders.some((folder) => file.startsWith(folder)) && pattern.test(text))
    .map(([file]) => file);
};

describe('a limit type', () => {
  const MAX_FILES = 4;
  // `tokens` and `requests` are also plain words; their descriptors have the same members.
  const unmistakable = LIMIT_TYPE_IDS.filter((id) => id.includes('_'));

  it.each(unmistakable)(`the limit type %s is named by at most ${MAX_FILES} production files`, (id) => {
    const naming = filesNaming([id]);
    expect(naming).toContain('usage/limits/definitions/limit-types.ts');
    expect(naming.filter((_, i) => i >= MAX_FILES)).toEqual([]);
  });

  it('no file but the table of limit types compares the type of a limit with one type', () => {
    const ids = LIMIT_TYPE_IDS.join('|');
    const comparing = sources.filter(([, text]) => new RegExp(`limitType [=!]== '(?:${ids})'`).test(text));
    expect(comparing.map(([file]) => file)).toEqual([]);
  });
});

describe('a field of the interaction record', () => {
  const MAX_FILES = 3;
  /**
   * Plain fields, which statistics neither count nor filter by. Readers in other modules, such as traces, are another
   * concept.
   */
  const PLAIN_FIELDS = ['runId', 'claimedUserId', 'clientVersion'];
  const FOLDERS = ['usage/', 'proxy/'];

  it.each(PLAIN_FIELDS)(
    `the field %s is named by at most ${MAX_FILES} production files of usage and proxy`,
    (field) => {
      const naming = filesNaming([field, toColumnName(field)], FOLDERS);
      expect(naming).toContain('usage/recording/interaction-record.ts');
      expect(naming.filter((_, i) => i >= MAX_FILES)).toEqual([]);
    },
  );
});
