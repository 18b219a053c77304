import type { DialectId } from '../../providers/dialects/base/dialect.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { FinalEventBuffer } from './final-event-buffer.js';

const OPENAI = getDialect('openai');

const LAST: readonly [string, string, DialectId?][] = [
  ['OpenAI', 'data: [DONE]\n\n'],
  ['OpenAI, a finish', 'data: {"choices":[{"index":0,"delta":{},"finish_reason": "stop"}]}\n\n'],
  ['Responses', 'event: response.completed\ndata: {"type":"response.completed","response":{"output":[]}}\n\n'],
  ['Anthropic', 'event: message_stop\ndata: {"type":"message_stop"}\n\n', 'anthropic'],
  ['Gemini', 'data: {"candidates":[{"content":{"parts":[{"text":"!"}]},"finishReason": "STOP"}]}\r\n\r\n', 'gemini'],
  ['Cohere', 'event: message-end\ndata: {"type":"message-end"}\n\n', 'cohere'],
];
const EVENT = 'data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":null}]}\n\n';

describe('the end of an event stream', () => {
  it.each(LAST)('the final event is held back wherever it is cut: %s', (_, last, dialect = 'openai') => {
    for (let cut = 0; cut < last.length; cut++) {
      const held = new FinalEventBuffer(getDialect(dialect), 'events');
      const shown = [EVENT, last.slice(0, cut), last.slice(cut)].map((piece) => held.push(piece).toString()).join('');
      expect(shown.startsWith(EVENT)).toBe(true);
      expect(shown.trimEnd().length).toBeLessThan((EVENT + last).trimEnd().length);
      expect(shown + held.takeRest().toString()).toBe(EVENT + last);
    }
  });

  it('a long final event in many chunks is held back completely', () => {
    const held = new FinalEventBuffer(OPENAI, 'events');
    const pieces = ['event: response.completed\ndata: {"output":"', 'x'.repeat(500), 'y'.repeat(500), '"}\n\n'];
    expect(pieces.map((piece) => held.push(piece).length)).toEqual([0, 0, 0, 0]);
    expect(held.takeRest().toString()).toBe(pieces.join(''));
  });

  it('other events are released immediately', () => {
    const held = new FinalEventBuffer(OPENAI, 'events');
    for (let i = 0; i < 3; i++) expect(held.push(EVENT).toString()).toBe(EVENT);
    expect(held.takeRest().length).toBe(0);
  });

  it('the finish, the usage and [DONE] are held back together', () => {
    const held = new FinalEventBuffer(OPENAI, 'events');
    const usage = 'data: {"choices": [],"usage":{"total_tokens":9}}\n\n';
    expect([LAST[1]![1], usage, LAST[0]![1]].map((piece) => held.push(piece).toString())).toEqual(['', '', '']);
  });

  it.each([': keep-alive\n', ': PROCESSING\n\n', 'event: ping\ndata: {"type": "ping"}\n\n', ': a\r\n\r\n: b\r\n\r\n'])(
    'the finish stays held back after the keep-alive %j',
    (sign) => {
      const held = new FinalEventBuffer(OPENAI, 'events');
      expect([LAST[1]![1], sign, sign].map((piece) => held.push(piece).toString())).toEqual(['', '', '']);
      expect(held.push(EVENT).toString()).toBe(LAST[1]![1] + sign + sign + EVENT);
      expect(held.push(sign).toString()).toBe(sign);
    },
  );

  it('an event that resembles the final one is released when another follows', () => {
    const held = new FinalEventBuffer(OPENAI, 'events');
    const quoted = 'data: {"content":"[DONE]"}\n\n';
    expect(held.push(quoted).toString()).toBe('');
    expect(held.push(EVENT).toString()).toBe(quoted + EVENT);
    expect(held.push(EVENT).toString()).toBe(EVENT);
  });
});

describe('the end of a stream of JSON lines', () => {
  const LINE = '{"message":{"content":"Hello"},"done":false}\n';

  it.each([
    ['Ollama', '{"message":{"content":""},"done_reason":"stop","done": true,"eval_count":7}\n', 'ollama'],
    ['Cohere', '{"is_finished":true,"event_type":"stream-end","response":{"text":"Hello"}}\n', 'cohere'],
  ] as const)('the final JSON line is held back wherever it is cut: %s', (_, last, dialect) => {
    for (let cut = 0; cut < last.length; cut++) {
      const held = new FinalEventBuffer(getDialect(dialect), 'lines');
      const shown = [LINE, last.slice(0, cut), last.slice(cut)].map((piece) => held.push(piece).toString()).join('');
      expect(shown.startsWith(LINE)).toBe(true);
      expect(shown.trimEnd().length).toBeLessThan((LINE + last).trimEnd().length);
      expect(shown + held.takeRest().toString()).toBe(LINE + last);
    }
  });

  it('other JSON lines are released immediately, including one that resembles the final line', () => {
    const held = new FinalEventBuffer(getDialect('ollama'), 'lines');
    expect(held.push(LINE).toString()).toBe(LINE);
    const quoted = '{"message":{"tool_calls":[{"function":{"arguments":{"done":true}}}]}}\n';
    expect([quoted, LINE].map((piece) => held.push(piece).toString())).toEqual(['', quoted + LINE]);
  });
});

it('the last chunk of any other stream is held back', () => {
  const held = new FinalEventBuffer(OPENAI, null);
  expect(['a', 'b', 'c'].map((piece) => held.push(piece).toString())).toEqual(['', 'a', 'b']);
  expect(held.takeRest().toString()).toBe('c');
});
