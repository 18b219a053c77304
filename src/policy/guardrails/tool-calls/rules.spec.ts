/**
 * Promise: another spelling of a name or an argument cannot bypass a blocking rule; an allowing rule applies only to
 * unambiguous calls.
 */
import type { ToolCallPolicy, ToolCondition } from '../../../orgs/llm-proxies/policy/tool-calls.js';
import type { CallInput } from '../../../providers/dialects/tool-calls/grammar.js';
import { ToolCallRules, compileToolCallRules } from './rules.js';

const rulesOf = (over: Partial<ToolCallPolicy>): ToolCallRules =>
  new ToolCallRules({ rules: [], default: 'allow', trustedTools: [], onBlock: 'error', ...over });

const args = (text: string): CallInput => ({ kind: 'json', text });
const verdict = (rules: ToolCallRules, name: string, text = '{}', isUntrusted = false): string => {
  const block = rules.checkCall([name], args(text), isUntrusted);
  return block ? `${block.guardrail}${block.reason ? ` ${block.reason}` : ''}` : 'allowed';
};

/** Applies a blocking rule, and an allowing rule, to the same arguments. */
function bothOf(condition: ToolCondition, text: string): [string, string] {
  const rule = { name: 'r', tools: ['t'], when: [condition] };
  const blocking = rulesOf({ rules: [{ ...rule, action: 'block' }] });
  const allowing = rulesOf({ rules: [{ ...rule, action: 'allow' }], default: 'block' });
  return [
    verdict(blocking, 't', text) === 'allowed' ? 'allowed' : 'blocked',
    verdict(allowing, 't', text) === 'allowed' ? 'allowed' : 'blocked',
  ];
}

/** Clear: both rules read the condition alike. Unclear: both block. */
const YES = ['blocked', 'allowed'];
const NO = ['allowed', 'blocked'];
const UNCLEAR = ['blocked', 'blocked'];

describe('a condition', () => {
  const prod = { pointer: '/env', equals: 'prod' };
  it.each<[string, ToolCondition, string, string[]]>([
    ['the value', prod, '{"env":"prod"}', YES],
    ['another value', prod, '{"env":"dev"}', NO],
    ['no value', prod, '{}', NO],
    ['no arguments', prod, '', NO],
    ['null arguments', prod, 'null', NO],
    ['null', prod, '{"env":null}', NO],
    ['escapes in the value', prod, '{"env":"\\u0070rod"}', YES],
    ['escapes in the name', prod, '{"\\u0065nv":"prod"}', YES],
    ['another case of the value', prod, '{"env":"PROD"}', UNCLEAR],
    ['white space around the value', prod, '{"env":" prod\\n"}', UNCLEAR],
    ['full-width letters', prod, '{"env":"ｐｒｏｄ"}', UNCLEAR],
    ['invisible characters', prod, '{"env":"pr\\u200bod"}', UNCLEAR],
    ['another case of the name', prod, '{"Env":"prod"}', UNCLEAR],
    ['another case of the name beside it', prod, '{"env":"dev","ENV":"prod"}', UNCLEAR],
    ['a list with the value', prod, '{"env":["prod"]}', UNCLEAR],
    ['an object with the value', prod, '{"env":{"name":"prod"}}', UNCLEAR],
    ['a list of arguments', prod, '[{"env":"prod"}]', UNCLEAR],
    ['a number instead of a text', prod, '{"env":5}', NO],
    ['a text that equals the number', { pointer: '/n', equals: 5 }, '{"n":"5"}', UNCLEAR],
    ['a number in another form', { pointer: '/n', equals: 5 }, '{"n":5.0}', YES],
    ['a number in scientific form', { pointer: '/n', equals: 500 }, '{"n":5e2}', YES],
    [
      'a number that rounds to the expected one',
      { pointer: '/n', equals: 9007199254740992 },
      '{"n":9007199254740993}',
      UNCLEAR,
    ],
    ['a text that is true', { pointer: '/f', equals: true }, '{"f":"True"}', UNCLEAR],
    ['a number that is true', { pointer: '/f', equals: true }, '{"f":1}', UNCLEAR],
    ['true', { pointer: '/f', equals: true }, '{"f":true}', YES],
    ['false', { pointer: '/f', equals: true }, '{"f":false}', NO],
    ['null for null', { pointer: '/f', equals: null }, '{"f":null}', YES],
    ['a text for null', { pointer: '/f', equals: null }, '{"f":"x"}', NO],
    ['one of the values', { pointer: '/env', in: ['live', 'prod'] }, '{"env":"prod"}', YES],
    ['none of the values', { pointer: '/env', in: ['live', 'prod'] }, '{"env":"dev"}', NO],
    ['one of the values in another case', { pointer: '/env', in: ['live', 'prod'] }, '{"env":"Live"}', UNCLEAR],
    ['a match', { pointer: '/q', matches: 'drop\\s+table' }, '{"q":"x drop  table y"}', YES],
    ['no match', { pointer: '/q', matches: '^drop$' }, '{"q":"x drop"}', NO],
    [
      'a match only far inside the text',
      { pointer: '/q', matches: '^/safe/' },
      `{"q":"${'x'.repeat(2_016)}/safe/"}`,
      NO,
    ],
    ['a match that is empty', { pointer: '/q', matches: '^(?:a|b)?$' }, '{"q":""}', YES],
    ['a match in full-width letters', { pointer: '/q', matches: 'drop' }, '{"q":"ｄｒｏｐ"}', UNCLEAR],
    ['a number that matches', { pointer: '/q', matches: '^5$' }, '{"q":5}', UNCLEAR],
    ['a list instead of a text', { pointer: '/q', matches: 'a' }, '{"q":["a"]}', UNCLEAR],
    ['a greater number', { pointer: '/n', gt: 100 }, '{"n":101}', YES],
    ['the same number', { pointer: '/n', gt: 100 }, '{"n":100}', NO],
    ['the same number, included', { pointer: '/n', gte: 100 }, '{"n":1e2}', YES],
    ['a lesser number', { pointer: '/n', lt: 0 }, '{"n":-0.5}', YES],
    ['an infinite number', { pointer: '/n', gt: 100 }, '{"n":1e999}', YES],
    ['a number that is a text', { pointer: '/n', gt: 100 }, '{"n":"101"}', UNCLEAR],
    ['a number with a currency', { pointer: '/n', gt: 100 }, '{"n":"$1,000"}', UNCLEAR],
    ['no number', { pointer: '/n', gt: 100 }, '{}', NO],
    ['a large whole number', { pointer: '/n', gt: 9007199254740991 }, '{"n":9007199254740993}', YES],
    ['a range', { pointer: '/n', gt: 1, lte: 3 }, '{"n":3}', YES],
    ['a number outside of a range', { pointer: '/n', gt: 1, lte: 3 }, '{"n":4}', NO],
    ['a value that exists', { pointer: '/force', exists: true }, '{"force":null}', YES],
    ['a value that does not exist', { pointer: '/force', exists: true }, '{}', NO],
    ['the absence of a value', { pointer: '/dryRun', exists: false }, '{}', YES],
    [
      'the absence of a value that exists in another case',
      { pointer: '/dryRun', exists: false },
      '{"dryrun":1}',
      UNCLEAR,
    ],
    ['a nested value', { pointer: '/a/0/b', equals: 1 }, '{"a":[{"b":1}]}', YES],
    ['an index beyond the end', { pointer: '/a/1', equals: 1 }, '{"a":[1]}', NO],
    ['a name in a list', { pointer: '/a/b', equals: 1 }, '{"a":[{"b":1}]}', UNCLEAR],
    ['a name in an empty list', { pointer: '/a/b', equals: 1 }, '{"a":[]}', NO],
    ['JSON inside a text', { pointer: '/a/b', equals: 1 }, '{"a":"{\\"b\\":1}"}', UNCLEAR],
    ['a name with a slash', { pointer: '/a~1b', equals: 1 }, '{"a/b":1}', YES],
    ['an empty name', { pointer: '/', equals: 1 }, '{"":1}', YES],
    ['__proto__', { pointer: '/__proto__/x', equals: 1 }, '{"__proto__":{"x":1}}', YES],
    ['all arguments', { pointer: '', exists: true }, '{}', YES],
  ])('blocking and allowing rules evaluate a condition on %s', (_, condition, text, told) => {
    expect(bothOf(condition, text)).toEqual(told);
  });

  it('a condition on a free-text call applies to the whole text', () => {
    const rules = rulesOf({
      rules: [
        { name: 'text', tools: ['t'], when: [{ pointer: '', matches: 'rm -rf' }], action: 'block' },
        { name: 'member', tools: ['u'], when: [{ pointer: '/env', equals: 'prod' }], action: 'block' },
      ],
    });
    const judge = (name: string, text: string) => rules.checkCall([name], { kind: 'text', text }, false)?.guardrail;
    expect(judge('t', 'sudo rm -rf /')).toBe('text');
    expect(judge('t', 'ls')).toBeUndefined();
    expect(judge('u', 'env=dev')).toBe('member');
  });
});

describe('arguments that cannot be judged', () => {
  const rules = rulesOf({ rules: [{ name: 'all', tools: ['*'], when: [], action: 'allow' }] });
  it.each([
    ['broken JSON', '{"a":'],
    ['two values', '{}{}'],
    ['a duplicate name', '{"path":"a","path":"b"}'],
    ['a duplicate name in escapes', '{"path":"a","\\u0070ath":"b"}'],
    ['a nested duplicate name', '{"a":[{"b":{"c":1,"c":2}}]}'],
    ['a number with a leading zero', '{"a":01}'],
    ['a comment', '{"a":1/**/}'],
    ['a trailing comma', '{"a":1,}'],
    ['NaN', '{"a":NaN}'],
    ['a bad escape', '{"a":"\\x"}'],
    ['a raw line break', '{"a":"\n"}'],
    ['a text around JSON', '"{\\"a\\":1}"'],
    ['a number', '5'],
    ['nesting that is too deep', `${'['.repeat(300)}${']'.repeat(300)}`],
  ])('unreadable arguments are blocked despite an allowing rule: %s', (_, text) => {
    expect(verdict(rules, 'x', text)).toBe('toolCalls unreadable_arguments');
  });

  it('arguments of more than 1 MiB are blocked with arguments_too_long', () => {
    const of = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect(verdict(rules, 'x', of(1024 * 1024))).toBe('allowed');
    expect(verdict(rules, 'x', of(1024 * 1024 + 1))).toBe('toolCalls arguments_too_long');
    expect(verdict(rules, 'x', `{"a":"${'é'.repeat(524_285)}"}`)).toBe('toolCalls arguments_too_long');
  });

  it('a call without a name, or with a name of 513 characters, is blocked with unreadable_name', () => {
    expect(rules.checkCall([], args('{}'), false)).toEqual({ guardrail: 'toolCalls', reason: 'unreadable_name' });
    expect(verdict(rules, 'x'.repeat(513))).toBe('toolCalls unreadable_name');
  });
});

describe('tool call rules', () => {
  const rule = { when: [], tools: ['delete_*'] };

  it('the first rule that matches a call decides', () => {
    const rules = rulesOf({
      rules: [
        { ...rule, name: 'drafts', when: [{ pointer: '/kind', equals: 'draft' }], action: 'allow' },
        { ...rule, name: 'all', action: 'block' },
        { ...rule, name: 'never', tools: ['*'], action: 'allow' },
      ],
      default: 'block',
    });
    expect(verdict(rules, 'delete_file', '{"kind":"draft"}')).toBe('allowed');
    expect(verdict(rules, 'delete_file', '{"kind":"page"}')).toBe('all');
    expect(verdict(rules, 'read_file')).toBe('allowed');
  });

  it('other spellings of a name match blocking rules but not allowing ones', () => {
    const blocking = rulesOf({ rules: [{ ...rule, name: 'r', action: 'block' }] });
    for (const name of [
      'delete_x',
      'DELETE_x',
      'Delete_',
      ' delete_x',
      'ｄelete_x',
      'del\u200bete_x',
      'delete\u00ad_x',
    ])
      expect(verdict(blocking, name)).toBe('r');
    expect(verdict(blocking, 'undelete_x')).toBe('allowed');
    const allowing = rulesOf({ rules: [{ ...rule, name: 'r', action: 'allow' }], default: 'block' });
    expect(verdict(allowing, 'delete_x')).toBe('allowed');
    for (const name of ['Delete_x', ' delete_x', 'ｄelete_x', 'deletex'])
      expect(verdict(allowing, name)).toBe('toolCalls no_rule');
  });

  it('block_when_untrusted blocks after untrusted results and allows otherwise', () => {
    const rules = rulesOf({
      rules: [{ name: 'r', tools: ['mail'], when: [], action: 'block_when_untrusted' }],
      default: 'block',
    });
    expect(verdict(rules, 'mail', '{}', true)).toBe('r untrusted_results');
    expect(verdict(rules, 'mail', '{}', false)).toBe('allowed');
    expect(rules.dependsOnTrust).toBe(true);
  });

  it('trustedTools match names only as they are written', () => {
    const rules = rulesOf({ trustedTools: ['read_*', 'docs/*'] });
    expect(
      [['read_x'], ['search', 'docs/search'], ['Read_x'], ['search', 'web/search'], []].map((names) =>
        rules.isTrusted(names),
      ),
    ).toEqual([...[true, true, false, false, false]]);
  });

  it('an offered tool is blocked only if a rule blocks all its calls', () => {
    const rules = rulesOf({
      rules: [
        { ...rule, name: 'some', tools: ['a'], when: [{ pointer: '/x', exists: true }], action: 'allow' },
        { ...rule, name: 'a', tools: ['a', 'b'], action: 'block' },
        { ...rule, name: 'c', tools: ['c'], when: [{ pointer: '/x', exists: true }], action: 'block' },
        { ...rule, name: 'github', tools: ['github/*'], action: 'block' },
        { ...rule, name: 'tools of', tools: ['docs/delete_*'], action: 'block' },
      ],
    });
    const offered = (...names: string[]) => rules.checkOffer(names, false)?.guardrail ?? null;
    expect(['a', 'b', 'c', 'd'].map((name) => offered(name))).toEqual([null, 'a', null, null]);
    expect(offered('github', 'github/\u0000')).toBe('github');
    expect(offered('docs', 'docs/\u0000')).toBeNull();
    expect(rulesOf({ default: 'block' }).checkOffer(['x'], false)).toEqual({
      guardrail: 'toolCalls',
      reason: 'no_rule',
    });
  });

  it('compiling returns null for rules that can block nothing', () => {
    expect(compileToolCallRules(undefined)).toBeNull();
    expect(compileToolCallRules({ rules: [], default: 'allow', trustedTools: [], onBlock: 'error' })).toBeNull();
    expect(compileToolCallRules({ rules: [], default: 'block', trustedTools: [], onBlock: 'error' })).not.toBeNull();
  });
});

it('hostile patterns and arguments are judged in linear time', () => {
  const rules = rulesOf({
    rules: [{ name: 'r', tools: ['*a*a*a*a*b'], when: [{ pointer: '/q', matches: '(a+)+$' }], action: 'block' }],
  });
  const startedMs = performance.now();
  expect(verdict(rules, `${'a'.repeat(500)}b`, `{"q":"${'a'.repeat(500_000)}!"}`)).toBe('allowed');
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});
