/**
 * Promise: rules for tool calls are stored unchanged, changed by merge patch, audited, and refused with a pointer where
 * they cannot work.
 */
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf } from '../../support/gateway/people.js';

const PATH = '/api/llm-proxies';
const CARDS = { name: 'cards', detector: 'credit_card', on: 'both', action: 'block' };
const CONDITION = { pointer: '/env', in: ['prod', 1, true, null] };
const RULE = { name: 'no-prod-delete', tools: ['delete_*'], when: [CONDITION], action: 'block' };

let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const post = (toolCalls: unknown) =>
  gateway.admin.post(PATH, { name: `proxy ${++count}`, policy: { guardrails: { toolCalls } } });
const make = (guardrails: unknown): Promise<Json> =>
  gateway.admin.create(PATH, { name: `proxy ${++count}`, policy: { guardrails } });
const patch = async (id: string, guardrails: unknown): Promise<Json> => {
  const { status, body } = await gateway.admin.patch(`${PATH}/${id}`, { policy: { guardrails } });
  expect(status).toBe(200);
  return body.policy.guardrails;
};

describe('rules for tool calls', () => {
  it('tool call rules are returned as stored with their defaults', async () => {
    const when = [
      { pointer: '', exists: true },
      { pointer: '/a~1b/0', equals: null },
      { pointer: '/x', matches: '^(?i)prod$', gt: -1.5, gte: 0, lt: 9007199254740991, lte: 3 },
    ];
    const { policy, id } = await make({ toolCalls: { rules: [RULE, { ...RULE, name: 'b', when, action: 'allow' }] } });
    const shown = {
      text: [],
      toolCalls: {
        rules: [RULE, { ...RULE, name: 'b', when, action: 'allow' }],
        default: 'allow',
        trustedTools: [],
        onBlock: 'error',
      },
    };
    expect(policy.guardrails).toEqual(shown);
    expect((await gateway.admin.get(`${PATH}/${id}`)).body.policy.guardrails).toEqual(shown);
    expect(await auditOf(gateway, id)).toMatchObject([{ before: null, after: { policy: { guardrails: shown } } }]);
  });

  it('guardrails of texts alone are returned as a list, and beside tool call rules as an object', async () => {
    const { policy, id } = await make([CARDS]);
    expect(policy.guardrails).toMatchObject([{ name: 'cards' }]);
    const both = await patch(id, { toolCalls: { rules: [RULE] } });
    expect(both).toMatchObject({ text: [{ name: 'cards' }], toolCalls: { rules: [RULE] } });
    expect(await patch(id, both)).toEqual(both);
    expect(await patch(id, [])).toMatchObject({ text: [], toolCalls: { rules: [RULE] } });
    expect(await patch(id, { text: [CARDS], toolCalls: null })).toMatchObject([{ name: 'cards' }]);
    expect(await patch(id, null)).toEqual([]);
  });

  it('PATCH /api/llm-proxies/{id} merges the members of toolCalls', async () => {
    const { id } = await make({
      toolCalls: { rules: [RULE], default: 'block', trustedTools: ['read_*'], onBlock: 'refuse' },
    });
    expect((await patch(id, { toolCalls: { onBlock: null } })).toolCalls).toEqual({
      rules: [{ ...RULE }],
      default: 'block',
      trustedTools: ['read_*'],
      onBlock: 'error',
    });
    expect((await patch(id, { toolCalls: { rules: [], default: null } })).toolCalls).toEqual({
      rules: [],
      default: 'allow',
      trustedTools: ['read_*'],
      onBlock: 'error',
    });
    const audited: Json[] = await auditOf(gateway, id);
    const change = audited.find(({ action }) => action === 'llm_proxy.update')!;
    expect(change['before'].policy.guardrails.toolCalls.rules).toEqual([RULE]);
  });

  const at = '/policy/guardrails/toolCalls';
  const inRule = (over: object): object => ({ rules: [{ ...RULE, ...over }] });
  const inCondition = (over: object): object => inRule({ when: [{ pointer: '/env', ...over }] });
  it.each<[string, unknown, string]>([
    ['a pointer without its slash', inCondition({ pointer: 'env', equals: 1 }), `${at}/rules/0/when/0/pointer`],
    ['a pointer with a bad escape', inCondition({ pointer: '/a~2', equals: 1 }), `${at}/rules/0/when/0/pointer`],
    ['a pointer that is not a string', inCondition({ pointer: 5, equals: 1 }), `${at}/rules/0/when/0/pointer`],
    ['a condition that compares nothing', inCondition({}), `${at}/rules/0/when/0/pointer`],
    ['a pattern with a back reference', inCondition({ matches: '(a)\\1' }), `${at}/rules/0/when/0/matches`],
    ['a pattern with look-around', inCondition({ matches: '(?=a)' }), `${at}/rules/0/when/0/matches`],
    ['a pattern that is too large', inCondition({ matches: '(a{100}){9}b{1000}' }), `${at}/rules/0/when/0/matches`],
    ['an unfinished pattern', inCondition({ matches: '(' }), `${at}/rules/0/when/0/matches`],
    ['a value that is an object', inCondition({ equals: {} }), `${at}/rules/0/when/0/equals`],
    ['a number beyond the safe integers', inCondition({ equals: 9007199254740993 }), `${at}/rules/0/when/0/equals`],
    ['an empty list of values', inCondition({ in: [] }), `${at}/rules/0/when/0/in`],
    ['a list with an object', inCondition({ in: ['a', []] }), `${at}/rules/0/when/0/in`],
    ['a bound that is a string', inCondition({ gt: '5' }), `${at}/rules/0/when/0/gt`],
    ['exists as a string', inCondition({ exists: 'yes' }), `${at}/rules/0/when/0/exists`],
    ['an unknown comparison', inCondition({ equals: 1, near: 2 }), `${at}/rules/0/when/0/near`],
    ['a rule without tools', inRule({ tools: [] }), `${at}/rules/0/tools`],
    ['a pattern of names with white space', inRule({ tools: ['delete *'] }), `${at}/rules/0/tools`],
    ['an unknown action', inRule({ action: 'redact' }), `${at}/rules/0/action`],
    ['a name that a header cannot hold', inRule({ name: 'a, b' }), `${at}/rules/0/name`],
    ['a reserved name', inRule({ name: 'toolCalls' }), `${at}/rules/0/name`],
    ['two rules of one name', { rules: [RULE, RULE] }, `${at}/rules`],
    ['an unknown default', { rules: [], default: 'block_when_untrusted' }, `${at}/default`],
    ['an unknown onBlock', { rules: [], onBlock: 'redact' }, `${at}/onBlock`],
    ['an unknown member', { rules: [], mode: 'x' }, `${at}/mode`],
    ['trusted tools that are no patterns', { rules: [], trustedTools: [''] }, `${at}/trustedTools`],
    ['a list as toolCalls', [RULE], `${at}`],
  ])('POST /api/llm-proxies refuses %s with 400 and its pointer', async (_, toolCalls, pointer) => {
    const { status, body } = await post(toolCalls);
    expect(status).toBe(400);
    expect(body.code).toBe('validation_failed');
    expect(body.errors.map((error: Json) => error['pointer'])).toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^${pointer}(?:/|$)`))]),
    );
  });

  it.each([['text'], [5], [{ tools: [] }], [{ text: {} }], [{ text: [{ ...CARDS, on: 'x' }] }]])(
    'POST /api/llm-proxies refuses the guardrails %j with 400',
    async (guardrails) => {
      const { status, body } = await gateway.admin.post(PATH, { name: `proxy ${++count}`, policy: { guardrails } });
      expect(status).toBe(400);
      expect(body.errors[0].pointer).toMatch(/^\/policy\/guardrails/);
    },
  );
});
