import { ToolCallIds, replaceRejectedIds } from './tool-call-ids.js';

const body = (id: string, more = ''): Buffer =>
  Buffer.from(
    `{"model":"m", "messages":[{"role":"user","content":"say \\"id\\": \\"a:b\\""},{"role":"assistant","content":[{"type":"tool_use","id":"${id}","name":"f","input":{"id":"a:b","n": 9007199254740993}}]},{"role":"user","content":[{"type":"tool_result", "tool_use_id" : "${id}","content":"1.0"}]}]${more}}`,
  );

it('a request with accepted tool call ids stays unchanged', () => {
  const plain = Buffer.from(
    '{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1-A","name":"f","input":{}}]}]}',
  );
  expect(replaceRejectedIds(plain)).toBe(plain);
  const other = body('toolu_1');
  expect(replaceRejectedIds(other).equals(other)).toBe(true);
});

it('a call and its result get the same accepted id, and no other byte changes', () => {
  expect(replaceRejectedIds(body('functions.ls:0')).toString()).toBe(body('functions_ls_0').toString());
  expect(replaceRejectedIds(body('a\\u003ab')).toString()).toBe(body('a_b').toString());
});

it('different ids stay different after the replacement', () => {
  const ids = new ToolCallIds();
  expect(['a:b', 'a.b', 'a_b', 'a:b'].map((id) => ids.get(id))).toEqual(['a_b', 'a_b_2', 'a_b_3', 'a_b']);
});
