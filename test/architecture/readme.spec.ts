/** The README's tables and examples that are made from code are what the code says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES, type Permission } from '../../src/auth/permissions.js';

const README = resolve(import.meta.dirname, '../../README.md');
const SECTION = /(<!-- permissions: [^>]*-->\n)[\s\S]*(<!-- \/permissions -->)/;

function table(): string {
  const head = `| Permission | | ${ROLES.join(' | ')} |\n|---|---|${ROLES.map(() => '---|').join('')}\n`;
  const rows = (Object.entries(PERMISSIONS) as [Permission, string][]).map(
    ([permission, meaning]) =>
      `| \`${permission}\` | ${meaning} | ${ROLES.map((role) => (ROLE_PERMISSIONS[role].has(permission) ? 'yes' : '')).join(' | ')} |\n`,
  );
  return head + rows.join('');
}

const EXAMPLE = /(<!-- (test\/examples\/[\w-]+\.mjs) -->\n)[\s\S]*?(<!-- \/\2 -->)/g;

const example = (path: string): string =>
  `\n\`\`\`js\n${readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8')}\`\`\`\n\n`;

it('shows the examples as they are run (UPDATE_SNAPSHOT=1 writes them)', () => {
  const readme = readFileSync(README, 'utf8');
  const wanted = readme.replace(
    EXAMPLE,
    (_, open: string, path: string, close: string) => open + example(path) + close,
  );
  expect(readme.match(EXAMPLE)).toHaveLength(2);
  if (process.env.UPDATE_SNAPSHOT) writeFileSync(README, wanted);
  expect(readFileSync(README, 'utf8')).toBe(wanted);
});

it('shows the permissions of each role as they are (UPDATE_SNAPSHOT=1 writes them)', () => {
  const readme = readFileSync(README, 'utf8');
  const wanted = readme.replace(SECTION, (_, open: string, close: string) => open + table() + close);
  if (process.env.UPDATE_SNAPSHOT) writeFileSync(README, wanted);
  expect(readFileSync(README, 'utf8')).toBe(wanted);
});
