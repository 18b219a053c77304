/** The documentation is right: its links resolve, its snippets parse, and what they name exists in the code. */
import { ENV_NAMES } from '../../src/platform/config/app-config.js';
import { PROVIDER_IDS } from '../../src/providers/registry.js';
import { bodyProblems, pathProblems, type Problem } from './admin-calls.js';
import { addressesIn, pathProblem } from './documented-routes.js';
import { codeProblems } from './error-codes.js';
import { allPages, linkedFile, linkProblem, linkTextProblem, readPage, type Snippet } from './pages.js';
import { gatehouseVariables } from './shell-variables.js';
import { bashProblem, hasBash, hasPython, pythonProblems, syntaxProblem } from './snippet-syntax.js';
import { tomlProblem } from './toml-shape.js';

const PAGES = allPages();
const BY_PATH = new Map(PAGES.map((page) => [page.path, page]));
const SNIPPETS = PAGES.flatMap(({ snippets }) => snippets);
const ofLanguage = (language: string) => SNIPPETS.filter((snippet) => snippet.language === language);

/** `file:line: reason`, one line each. */
const found = (at: { page: string; line: number }, problem: string | null): string[] =>
  problem === null ? [] : [`${at.page}:${at.line}: ${problem}`];

const PROVIDER_ADDRESSES = new Set(PROVIDER_IDS.map((id) => `LLM_${id.toUpperCase()}_BASE_URL`));
const isVariable = (name: string): boolean => ENV_NAMES.has(name) || PROVIDER_ADDRESSES.has(name);

/** In the snippets and in the prose of all pages. */
const everywhere = (problemsIn: (text: string) => Problem[]): string[] => [
  ...SNIPPETS.flatMap((snippet) => inSnippet(snippet, problemsIn)),
  ...PAGES.flatMap(({ path, prose }) => problemsIn(prose).flatMap((at) => found({ ...at, page: path }, at.problem))),
];

const inSnippet = ({ page, line, code }: Snippet, problemsIn: (text: string) => Problem[]): string[] =>
  problemsIn(code).flatMap((at) => found({ page, line: line + at.line }, at.problem));

const variableProblems = (snippet: Snippet): string[] =>
  gatehouseVariables(snippet.code)
    .filter((name) => !isVariable(name))
    .flatMap((name) => found(snippet, `Gatehouse reads no variable ${name}`));

describe('the documentation', () => {
  it('every page has one title', () => {
    const wrong = PAGES.filter(({ titles }) => titles.length !== 1);
    expect(wrong.map(({ path, titles }) => `${path}: ${titles.length} headings of level 1`)).toEqual([]);
  });

  it('links of the pages point only to existing files and headings', () => {
    const links = PAGES.flatMap((page) => page.links);
    expect(links.length).toBeGreaterThan(50);
    expect(links.flatMap((link) => found(link, linkProblem(link, BY_PATH)))).toEqual([]);
  });

  it('links that show the name of a file or folder lead to it', () => {
    expect(PAGES.flatMap(({ links }) => links).flatMap((link) => found(link, linkTextProblem(link)))).toEqual([]);
  });

  it('every page of docs/ is linked from another', () => {
    const linked = new Set(
      PAGES.flatMap(({ path, links }) => links.map((link) => linkedFile(link)).filter((to) => to !== path)),
    );
    expect(PAGES.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !linked.has(path))).toEqual([]);
  });

  it('every snippet has a language and parses as it', () => {
    expect(SNIPPETS.length).toBeGreaterThan(50);
    expect(SNIPPETS.flatMap((snippet) => found(snippet, syntaxProblem(snippet)))).toEqual([]);
  });

  // named as skipped where the interpreter is missing
  (hasBash ? it : it.skip)('shell snippets are valid for bash', () => {
    expect(ofLanguage('sh').flatMap((snippet) => found(snippet, bashProblem(snippet)))).toEqual([]);
  });

  (hasPython ? it : it.skip)('Python snippets are valid for python3', () => {
    const snippets = ofLanguage('python');
    const problems = pythonProblems(snippets);
    expect(snippets.flatMap((snippet, i) => found(snippet, problems[i]!))).toEqual([]);
  });

  it('the pages name only gateway addresses that the code routes', () => {
    const inSnippets = SNIPPETS.flatMap((snippet) =>
      addressesIn(snippet.code).map((named) => ({ ...named, page: snippet.page, line: snippet.line + named.line })),
    );
    const inProse = PAGES.flatMap(({ path, prose }) => addressesIn(prose).map((named) => ({ ...named, page: path })));
    expect(inSnippets.length).toBeGreaterThan(20);
    expect([...inSnippets, ...inProse].flatMap((named) => found(named, named.problem))).toEqual([]);
  });

  it('the pages name only existing paths and methods of the admin API', () => {
    expect(everywhere(pathProblems)).toEqual([]);
  });

  it('shell snippets send bodies that the admin API accepts', () => {
    expect(ofLanguage('sh').flatMap((snippet) => inSnippet(snippet, bodyProblems))).toEqual([]);
  });

  it('the pages name error codes with their status', () => {
    expect(everywhere(codeProblems)).toEqual([]);
  });

  it('shell snippets set only variables that Gatehouse reads', () => {
    expect(ofLanguage('sh').flatMap(variableProblems)).toEqual([]);
  });
});

describe('the checks of the documentation', () => {
  const page = (text: string) => readPage('docs/page.md', text);

  it.each([
    ['a missing file', '[x](no-such-page.md)', 'no-such-page.md: docs/no-such-page.md does not exist'],
    ['a missing heading', '# Here\n[x](#there)', '#there: docs/page.md has no heading #there'],
    ['an absolute path', '[x](/README.md)', '/README.md is not relative'],
    ['a file outside of the repository', '[x](../../x.md)', '../../x.md leads out of the repository'],
  ])('the check of links finds a link to %s', (_, text, problem) => {
    const read = page(text);
    expect(read.links.map((link) => linkProblem(link, new Map([[read.path, read]])))).toEqual([problem]);
  });

  it('the check of links finds a link that shows the name of another file', () => {
    const { links } = page('[`old-name.ts`](../src/main.ts) [`main.ts`](../src/main.ts) [`Main`](../src/main.ts)');
    expect(links.map(linkTextProblem)).toEqual(['`old-name.ts` leads to src/main.ts', null, null]);
  });

  it("anchors are derived like GitHub's", () => {
    const { anchors } = page('# `a` and [B](b.md)\n## Twice\n## Twice\n## What’s new?\n<a id="own"></a>');
    expect([...anchors]).toEqual(['a-and-b', 'twice', 'twice-1', 'whats-new', 'own']);
  });

  it('links and headings in code are ignored', () => {
    const { links, titles } = page('`[x](y.md)`\n```sh\n# [x](y.md)\n```\n');
    expect([links, titles]).toEqual([[], []]);
  });

  it('snippets in lists are read without their indentation', () => {
    expect(page('1. x\n\n   ```json\n   {"a":\n     1}\n   ```\n').snippets).toEqual([
      { page: 'docs/page.md', line: 3, language: 'json', code: '{"a":\n  1}\n' },
    ]);
  });

  it.each([
    ['', 'x'],
    ['bash', 'true'],
    ['json', '{"a": 1,}'],
    ['yaml', 'a: [1'],
    ['yaml', 'a: 1\na: 2'],
    ['toml', 'a = b'],
    ['js', 'const = 1;'],
    ['ts', 'const a: = 1;'],
    ['mermaid', 'drawing\n  a --> b'],
    ['http', 'GET'],
    ['sh', '$ npm start'],
  ])('the check of snippets refuses the %s snippet %j', (language, code) => {
    expect(syntaxProblem({ page: 'x.md', line: 1, language, code })).toEqual(expect.any(String));
  });

  (hasBash ? it : it.skip)('the check of shell snippets refuses what bash does not parse', () => {
    expect(bashProblem({ code: 'if true; then\n' })).toMatch('syntax error');
  });

  (hasPython ? it : it.skip)('the check of Python snippets refuses what python3 does not parse', () => {
    const code = 'def f(:\n';
    expect(pythonProblems([{ page: 'x.md', line: 1, language: 'python', code }])).toEqual([expect.any(String)]);
  });

  it.each([
    ['a = "b" # c\n[x.y]\n"A-B" = { "C" = "d", e = [1, 2.5, true] }\n[[z]]\n[[z]]', null],
    ['a = 1\na = 2', 'line 2: the key a is there twice'],
    ['[x]\n[x]', 'line 2: the table x is there twice'],
    ['a = "b" c', 'line 1: "c" follows a value'],
    ['a = { b }', 'line 1: "{ b }" is not a value'],
    ['a: 1', 'line 1: "a: 1" is neither a table nor an assignment'],
  ])('the check of TOML judges %j', (text, problem) => {
    expect(tomlProblem(text)).toBe(problem);
  });

  it.each([
    ['', null],
    ['/openai', null],
    ['/openai/$PROXY/chat/completions', null],
    ['/openai/{proxyId}', null],
    ['/anthropic/v1', null],
    ['/anthropic/v1/messages', null],
    ['/gemini/v1beta/models/gemini-2.5-flash:generateContent', null],
    ['/model-router/0190b7a0-0000-7000-8000-000000000000/responses', null],
    ['/model-router/v1/messages', null],
    ['/$1/chat/completions', null],
    ['/opanai', 'opanai is not a provider'],
    ['/anthropic/messages', 'anthropic has no path messages'],
    ['/model-router/completions', 'model-router has no path completions'],
    ['/openai/v2', 'openai has no path v2'],
  ])('the check of addresses judges /v1%s with %j', (path, problem) => {
    expect(pathProblem(path)).toBe(problem);
  });

  it.each([
    ['`GET /api/users/{id}`', []],
    ['`PATCH /api/users/$ID`', []],
    ['`POST /api/auth/oauth2/token`', []],
    ['x\n`GET /api/user`', [{ line: 2, problem: 'the admin API has no path /api/user' }]],
    ['`PUT /api/users/{id}`', [{ line: 1, problem: '/api/users/{id} has no method PUT' }]],
    ['$GATEHOUSE/api/nothing', [{ line: 1, problem: 'the admin API has no path /api/nothing' }]],
  ])('the check of admin paths judges %j', (text, problems) => {
    expect(pathProblems(text)).toEqual(problems);
  });

  it.each([
    [`-d '{"name": "x", "provider": "openai", "apiKey": "'$KEY'"}'`, null],
    [`-d '{"name": "x", "provider": "openai", "key": "y"}'`, 'there is no member /key'],
    [`-d '{"name": "x"}'`, 'the member /provider is missing'],
    [`-d '{"name": "x", "provider": "openai", "scope": "mine"}'`, '/scope is mine, not one of personal, team, org'],
    [`-d '{"name": }'`, 'the body is not JSON: {"name": }'],
    [`-X DELETE`, '/api/llm-provider-api-keys has no method DELETE'],
    [`-X PUT -d '{}'`, '/api/llm-provider-api-keys has no method PUT'],
  ])('the check of admin bodies judges %s', (options, problem) => {
    const code = `true\ncurl -s $GATEHOUSE/api/llm-provider-api-keys -H "Authorization: Bearer $ADMIN" \\\n  ${options} | jq .id\n`;
    expect(bodyProblems(code)).toEqual(problem === null ? [] : [{ line: 2, problem }]);
    const byFunction = `true\nID=$(admin llm-provider-api-keys ${options} | field id)\n`;
    expect(bodyProblems(byFunction)).toEqual(problem === null ? [] : [{ line: 2, problem }]);
  });

  it.each([
    ['402 `budget_exceeded`', []],
    ['400 `invalid_grant`', []],
    ['403 `budget_exceeded`', [{ line: 1, problem: 'budget_exceeded has the status 402, not 403' }]],
    ['401 `no_such_code`', [{ line: 1, problem: 'there is no error code no_such_code' }]],
  ])('the check of error codes judges %s', (text, problems) => {
    expect(codeProblems(text)).toEqual(problems);
  });

  it('the check of variables distinguishes those of Gatehouse from those of clients', () => {
    expect(gatehouseVariables('OPENAI_BASE_URL=x codex\n')).toEqual([]);
    expect(gatehouseVariables('KEY=x\nexport PORT=1\nDATA_DIR=d npm start\necho "$KEY"\n')).toEqual([
      'PORT',
      'DATA_DIR',
    ]);
    expect(gatehouseVariables('docker run -e PORT=1 \\\n  image gatehouse start\n')).toEqual(['PORT']);
  });
});
