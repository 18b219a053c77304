/** The document of the built app: complete, free of secrets, and equal to the stored version. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../support/http/admin-client.js';
import { BuiltApp, deployedOn } from '../support/gateway/built-app.js';
import { copyMigratedDatabase, testDatabase, type TestDatabase } from '../support/gateway/databases.js';
import { responseSchemas, fieldsOf, operationsOf, type Operation } from './openapi.document.js';

const SNAPSHOT = new URL('openapi.json', import.meta.url);
const ADVICE =
  'The OpenAPI document is not the one in test/architecture/openapi.json. If the change is meant, and clients of the ' +
  'API can live with it, write the new one with `UPDATE_SNAPSHOT=1 npm test -- openapi` and commit it.';

describe('the OpenAPI document', () => {
  let database: TestDatabase;
  let dataDir: string;
  let app: BuiltApp;
  let document: Json;
  let operations: Operation[];

  beforeAll(async () => {
    database = await testDatabase();
    dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-openapi-'));
    if (!database.url) copyMigratedDatabase(dataDir);
    app = await BuiltApp.start(deployedOn(database, dataDir));
    document = await (await fetch(`${app.url}/api/docs/openapi.json`)).json();
    operations = operationsOf(document);
  }, 90_000);
  afterAll(async () => {
    await app?.stop();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const without = (rule: (operation: Operation) => boolean): string[] =>
    operations.filter((operation) => !rule(operation)).map(({ name }) => name);
  const admin = (): Operation[] => operations.filter(({ path }) => path.startsWith('/api/'));

  it('the OpenAPI document equals test/architecture/openapi.json', () => {
    const text = `${JSON.stringify(document, null, 2)}\n`.replaceAll(app.url, 'http://localhost:9000');
    if (process.env.UPDATE_SNAPSHOT) writeFileSync(SNAPSHOT, text);
    try {
      expect(text).toBe(readFileSync(SNAPSHOT, 'utf8'));
    } catch (error) {
      throw new Error(`${ADVICE}\n\n${(error as Error).message}`, { cause: error });
    }
  });

  it('the OpenAPI document names the server by PUBLIC_URL', () => {
    expect(document.servers).toEqual([{ url: app.url }]);
  });

  it('every operation of the OpenAPI document has a summary, one known tag and a unique operationId', () => {
    const tags: string[] = document.tags.map((tag: Json) => tag.name);
    expect(without(({ body }) => /^[A-Z].{5,}[^.]$/.test(body.summary ?? ''))).toEqual([]);
    expect(without(({ body }) => body.tags?.length === 1 && tags.includes(body.tags[0]))).toEqual([]);
    expect(without(({ body }) => /^[a-z]+[A-Z][A-Za-z]+$/.test(body.operationId))).toEqual([]);
    expect(without(({ body }) => !body.operationId.includes('Controller'))).toEqual([]);
    expect(new Set(operations.map(({ body }) => body.operationId)).size).toBe(operations.length);
  });

  it('every admin operation states its credentials and scope', () => {
    const expected = ({ method }: Operation): Json => [
      { adminApiKey: [] },
      { oauth: [method === 'get' ? 'admin:read' : 'admin:write'] },
    ];
    for (const operation of admin())
      expect([operation.name, operation.body.security]).toEqual([operation.name, expected(operation)]);
    expect(Object.keys(document.components.securitySchemes)).toEqual(['adminApiKey', 'oauth']);
  });

  it('every API parameter and field has a description', () => {
    const parameters = operations.flatMap(({ name, body }) =>
      (body.parameters ?? []).filter((p: Json) => !p.description || !p.schema).map((p: Json) => `${name} ${p.name}`),
    );
    expect(parameters).toEqual([]);
    expect(fieldsOf(document).flatMap(({ name, schema }) => (schema.description ? [] : [name]))).toEqual([]);
  });

  it('every number that is not an integer is an amount of money or milliseconds', () => {
    const fractional = fieldsOf(document).filter(({ schema }) => schema.type === 'number');
    const amounts =
      /\.(?:input|output|cacheRead|cacheWrite|cacheWrite1h|limitValue|used|reserved|remaining|share|[gl]te?)$|Usd$|Ms$/;
    expect(fractional.map(({ name }) => name).filter((name) => !amounts.test(name))).toEqual([]);
  });

  it('operations answer 201 for creation, 204 for deletion and 200 otherwise', () => {
    // A verb below an id; a plural in that position is a list.
    const isAction = (path: string): boolean => /\/\{id\}\/(?:[a-z-]*[^s])$|\/explain$/.test(path);
    const expected = ({ method, path }: Operation): string =>
      method === 'delete' ? '204' : method === 'post' && !isAction(path) ? '201' : '200';
    expect(without((operation) => successOf(operation).join() === expected(operation))).toEqual([]);
  });

  it('every admin operation lists exactly the refusals that it can give', () => {
    // They identify their target in the query or the body, which may not exist.
    const namesElsewhere = new Set(['deleteModelPrice', 'explainCall']);
    const expected = ({ method, path, body }: Operation): string[] => [
      ...['400', '401', '403'],
      ...(path.includes('{') || namesElsewhere.has(body.operationId) ? ['404'] : []),
      ...(method !== 'get' && body.responses['409'] ? ['409'] : []),
      ...(body.requestBody ? ['413', '415'] : []),
      ...['429', '503'],
    ];
    for (const operation of admin()) {
      expect([operation.name, ...refusalsOf(operation)]).toEqual([operation.name, ...expected(operation)]);
    }
  });

  it('every refusal is described as problem details with codes of the catalog', () => {
    const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } };
    for (const { body } of admin()) {
      for (const status of refusalsOf({ body })) {
        const { content } = body.responses[status];
        expect(content).toMatchObject(problem);
        expect(content['application/problem+json'].example.status).toBe(Number(status));
      }
    }
    expect(document.components.schemas.ProblemDetails.properties.code.enum).toContain('credential_invalid');
  });

  it('every response has a description and a schema', () => {
    const bare = operations.flatMap(({ name, body }) =>
      Object.entries<Json>(body.responses)
        .filter(([status, { description, content }]) => !description || (status !== '204' && !content))
        .map(([status]) => `${name} ${status}`),
    );
    expect(bare).toEqual([]);
  });

  it('only schemas of created or rotated resources contain secrets', () => {
    // A reference to a secret stored elsewhere, its presence, and attributes of one: never its value.
    const harmless = new Set([
      'ProviderKeyView.secretRef',
      'UserView.hasPassword',
      'UserCreated.hasPassword',
      'OAuthClientView.secrets',
      'IdentityProviderView.hasClientSecret',
    ]);
    const ownName = (name: string): string => name.slice(name.indexOf('.'));
    const answers = [...responseSchemas(document)].filter((name) => !/(?:Created|Rotated)$/.test(name));
    const telling = fieldsOf(document)
      .filter(({ name }) => answers.includes(name.split('.')[0]!) && !harmless.has(name))
      .filter(({ name }) => /digest|sealed|secret|password|\.(?:value|apiKey|invitationUrl)$/i.test(ownName(name)));
    expect(telling).toEqual([]);
  });

  it('every schema reference resolves and every schema is referenced', () => {
    const referred = new Set(
      [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)"/g)].map((m) => m[1]),
    );
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('the OpenAPI document is available as YAML', async () => {
    const answer = await fetch(`${app.url}/api/docs/openapi.yaml`);
    expect([answer.status, (await answer.text()).startsWith('openapi: ')]).toEqual([200, true]);
  });

  it('the page of the OpenAPI document loads resources only from the gateway', async () => {
    const page = await (await fetch(`${app.url}/api/docs`)).text();
    const places = [...page.matchAll(/(?:src|href)=["']([^"']+)["']/g)].map((match) => match[1]!);
    expect(places.length).toBeGreaterThan(4);
    expect(places.filter((place) => !place.startsWith('./docs/'))).toEqual([]);
    for (const place of places) {
      const answer = await fetch(new URL(place, `${app.url}/api/docs`));
      expect([place, answer.status]).toEqual([place, 200]);
      if (!place.endsWith('.css')) continue;
      expect(await answer.text()).not.toMatch(/@import|url\(\s*["']?(?:https?:)?\/\//);
    }
    expect(page).not.toMatch(/@import|url\(\s*["']?(?:https?:)?\/\//);
    const options = await (await fetch(`${app.url}/api/docs/swagger-ui-init.js`)).text();
    // Without it, the page would send the document's address to a validator on the internet.
    expect(options).toContain('"validatorUrl": null');
  });
});

const successOf = ({ body }: Operation): string[] => Object.keys(body.responses).filter((status) => status < '300');
const refusalsOf = ({ body }: Pick<Operation, 'body'>): string[] =>
  Object.keys(body.responses).filter((status) => status >= '400');
