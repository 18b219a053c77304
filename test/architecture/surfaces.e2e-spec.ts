/** Every route that the running gateway has registered belongs to a surface of the table. */
import { readFileSync } from 'node:fs';
import { findHttpSurface, HTTP_SURFACES } from '../../src/platform/http/http-surfaces.js';
import { startGateway, type TestGateway } from '../support/gateway/gateway.js';

const OVERVIEW = new URL('../../docs/architecture/overview.md', import.meta.url);
let gateway: TestGateway;
let paths: string[];

beforeAll(async () => {
  gateway = await startGateway();
  paths = readPaths(gateway.app.fastify.printRoutes());
}, 60_000);
afterAll(() => gateway?.close());

/** Paths of all routes, from the tree that Fastify prints: four characters for a level, methods after a whole path. */
function readPaths(tree: string): string[] {
  const parents: string[] = [];
  return [...tree.matchAll(/^([│ ]*)[├└]── (\S+)( \()?/gm)].flatMap(([, indentation, part, methods]) => {
    parents.length = indentation!.length / 4;
    parents.push(part!);
    return methods === undefined ? [] : [parents.join('')];
  });
}

describe('the table of HTTP surfaces', () => {
  it('has a surface for every registered route', () => {
    const examples = ['/v1/:provider/*', '/api/users/:id', '/api/docs', '/scim/v2/Users', '/device', '/livez'];
    expect(examples.filter((path) => !paths.includes(path))).toEqual([]);
    expect(paths.filter((path) => findHttpSurface(path).name === 'none')).toEqual([]);
  });

  it('has no prefix without a route', () => {
    const prefixes = HTTP_SURFACES.flatMap((surface) => surface.prefixes);
    const isUsed = (prefix: string): boolean => paths.some((path) => `${path}/`.startsWith(`${prefix}/`));
    expect(prefixes.filter((prefix) => !isUsed(prefix))).toEqual([]);
  });

  it('is the table of the architecture overview', () => {
    const quoted = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
    const rows = HTTP_SURFACES.map(({ name, prefixes, body, errors, log }) =>
      [[name], prefixes, [body], [errors], [log]].map(quoted).join(' | '),
    );
    const documented = readFileSync(OVERVIEW, 'utf8').match(/^\| `[^|]*` \| `\/.*$/gm);
    expect(documented).toEqual(rows.map((row) => `| ${row} |`));
  });
});
