/** docs/architecture/request-lifecycle.md states the order of steps that the relay has. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(resolve(ROOT, 'docs/architecture/request-lifecycle.md'), 'utf8');
const RELAY = readFileSync(resolve(ROOT, 'src/proxy/relay.ts'), 'utf8');

const section = PAGE.split('## Order in the code')[1]!.split('\n## ')[0]!;
const rows = [...section.matchAll(/^\| `([#\w]+)` \| (.+) \|$/gm)].map(
  ([, method, calls]) => [method!, [...calls!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)] as const,
);

/** From the signature to the closing brace at the same depth. */
function bodyOf(method: string): string {
  const found = new RegExp(`^  (?:async )?${method}\\([^]*?^  }$`, 'm').exec(RELAY);
  if (!found) throw new Error(`relay.ts has no method ${method}`);
  return found[0].slice(found[0].indexOf('{'));
}

it.each(rows)('the relay does the steps of %s in the documented order', (method, calls) => {
  const body = bodyOf(method);
  const positions = calls.map((call) => body.indexOf(`${call}(`));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
});

it('the request lifecycle page documents the methods of both surfaces', () => {
  expect(rows.map(([method]) => method)).toEqual(['run', 'route', '#sendToNext', '#send', '#checkRequest', 'finish']);
});
