import { parseJsonTree, writeJsonTree, type JsonObject } from '../../../json/tree.js';
import { resolveRefusals } from './refusal-references.js';

function resolved(input: unknown): unknown {
  const request = parseJsonTree(JSON.stringify({ model: 'm', input })) as JsonObject;
  resolveRefusals(request);
  return JSON.parse(writeJsonTree(request)).input;
}

const MESSAGE = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: expect.stringMatching(/^\[The gateway removed a tool call/) }],
};

describe('references to messages that replace removed calls', () => {
  it.each([
    { type: 'item_reference', id: 'msg_refused_1' },
    { type: null, id: 'msg_refused_1' },
    { id: 'msg_refused_1' },
  ])('the reference %j to a removed call becomes its message', (reference) => {
    const user = { role: 'user', content: 'Go on.' };
    expect(resolved([user, reference])).toEqual([user, MESSAGE]);
  });

  it.each<unknown>([
    'msg_refused_1',
    [{ type: 'item_reference', id: 'msg_1' }],
    [{ type: 'message', id: 'msg_refused_1', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] }],
    [{ id: 'msg_refused_1', role: 'assistant', content: 'x' }],
    ['msg_refused_1', null, { id: 7 }],
    undefined,
  ])('the input %j stays unchanged', (input) => {
    expect(resolved(input)).toEqual(input);
  });
});
