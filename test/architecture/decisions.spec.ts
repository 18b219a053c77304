/** The decision records have one form, and the index lists them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DIRECTORY = resolve(import.meta.dirname, '../../docs/decisions');
const read = (file: string): string => readFileSync(join(DIRECTORY, file), 'utf8');
const records = readdirSync(DIRECTORY)
  .filter((file) => file !== 'index.md')
  .sort();

it('decision records are numbered without gaps', () => {
  expect(records.map((file) => Number(file.slice(0, 4)))).toEqual(records.map((_, i) => i + 1));
});

it.each(records)('the decision record %s has a title, a date and all sections, and a row in the index', (file) => {
  const number = file.slice(0, 4);
  const [, title, date] =
    /^# \d{4}: (.+)\n\nDate: (\d{4}-\d\d-\d\d)\n\n## Context\n[^]+\n## Decision\n[^]+\n## Alternatives\n[^]+\n## Consequences\n/.exec(
      read(file),
    )!;
  expect(read(file)).toMatch(new RegExp(`^# ${number}: `));
  expect(read('index.md')).toContain(`| [${number}](${file}) | ${title} | ${date} |\n`);
});
