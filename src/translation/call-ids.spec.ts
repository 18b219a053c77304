/** Promise: each call of a conversation has its own id, and its result refers to it. */
import type { ChatChunk, ChatCompletion, ChatMessage, ToolCallDelta } from './pivot/chat.js';
import { ResponseCallIds, makeCallIdsDistinct } from './call-ids.js';

const calls = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{"n":1.0}' } })),
});
const result = (id: string): ChatMessage => ({ role: 'tool', tool_call_id: id, content: 'x' });
const user: ChatMessage = { role: 'user', content: 'x' };

/** Returns the ids of calls and results, in their order. */
const idsOf = (messages: readonly ChatMessage[]): string[] =>
  messages.flatMap((message) => {
    if (message.role === 'tool') return [`=${message.tool_call_id}`];
    return message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : [];
  });

describe('a history', () => {
  it('a history with distinct ids stays unchanged', () => {
    const messages = [user, calls('a', 'b'), result('b'), result('a'), calls('c')];
    expect(makeCallIdsDistinct(messages)).toBe(messages);
  });

  it.each<[string, ChatMessage[], string[]]>([
    [
      'in later turns',
      [user, calls('a'), result('a'), calls('a'), result('a'), calls('a'), result('a')],
      ['a', '=a', 'a_2', '=a_2', 'a_3', '=a_3'],
    ],
    ['in one turn', [user, calls('a', 'a'), result('a'), result('a')], ['a', 'a_2', '=a', '=a_2']],
    [
      'beside others',
      [user, calls('a'), result('a'), calls('b', 'a'), result('a'), result('b')],
      ['a', '=a', 'b', 'a_2', '=a_2', '=b'],
    ],
    [
      'whose next suffix is taken',
      [user, calls('a', 'a_2'), result('a'), result('a_2'), calls('a'), result('a')],
      ['a', 'a_2', '=a', '=a_2', 'a_3', '=a_3'],
    ],
    [
      'that are empty',
      [user, calls('', ''), result(''), result(''), calls(''), result('')],
      ['call_0', 'call_0_2', '=call_0', '=call_0_2', 'call_0_3', '=call_0_3'],
    ],
  ])('a history with repeated ids %s gets distinct ids', (_, messages, wanted) => {
    const before = structuredClone(messages);
    expect(idsOf(makeCallIdsDistinct(messages))).toEqual(wanted);
    expect(messages).toEqual(before);
  });

  it('a result without a call keeps its id', () => {
    expect(idsOf(makeCallIdsDistinct([calls('a', 'a'), result('z')]))).toEqual(['a', 'a_2', '=z']);
  });
});

describe('a response', () => {
  const completion = (...ids: string[]): ChatCompletion =>
    ({ choices: [{ message: calls(...ids) }] }) as unknown as ChatCompletion;
  const told = (history: ChatMessage[], ...ids: string[]): string[] =>
    new ResponseCallIds('chatcmpl-0b2c4d', history)
      .replaceInCompletion(completion(...ids))
      .choices[0]!.message.tool_calls!.map(({ id }) => id);

  it('a response gets ids that the conversation does not have, whole and streamed', () => {
    const history = [user, calls('call_0', 'call_0_2')];
    expect(told(history, 'call_0', 'call_1', 'call_1')).toEqual(['call_0_3', 'call_1', 'call_1_2']);
    const ids = new ResponseCallIds('chatcmpl-0b2c4d', history);
    const delta = (call: Partial<ToolCallDelta>): ToolCallDelta => {
      const chunk = { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: {}, ...call }] } }] };
      return ids.replaceInChunk(chunk as unknown as ChatChunk).choices[0]!.delta.tool_calls![0]!;
    };
    expect(delta({ id: 'call_0' }).id).toBe('call_0_3');
    expect(delta({ id: 'call_0' })).not.toHaveProperty('id');
    expect(delta({}).id).toBeUndefined();
    expect(delta({ index: 1 }).id).toBe('call_0b2c4d_1');
  });

  it('ids of a response keep their characters and have at most 64', () => {
    const ids = told([], 'functions.ls:0', 'functions_ls_0', '', 'é', 'x'.repeat(70), 'x'.repeat(80));
    expect(ids.slice(0, 4)).toEqual(['functions.ls:0', 'functions_ls_0', 'call_0b2c4d_2', 'é']);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(64);
    expect(new Set(ids).size).toBe(6);
  });
});
