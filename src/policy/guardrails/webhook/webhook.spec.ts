/** Promise: the response of a webhook is parsed strictly, and replaces only the texts that it names. */
import { findChangedSpan } from './changed-span.js';
import { extractTexts, applyTexts } from './document-texts.js';
import { readDecision } from './decision.js';

describe('the changed span of a text', () => {
  it.each<[string, string, string, string]>([
    ['a bird sings', 'a [b] sings', 'bird', '[b]'],
    ['bird', 'fowl', 'bird', 'fowl'],
    ['one two', 'one', ' two', ''],
    ['one', 'one two', 'e', 'e two'],
    ['one', 'two one', 'o', 'two o'],
    ['aaa', 'aaaa', 'a', 'aa'],
    ['aaaa', 'aaa', 'a', ''],
    ['😀 😁', '😀 😂', '😁', '😂'],
    ['😀😀', '😀😀!', '😀', '😀!'],
    ['\ude00x', '\ude00\ude00x', 'x', '\ude00x'],
  ])('the change from %j to %j replaces %j by %j', (before, after, gone, mask) => {
    const span = findChangedSpan(before, after)!;
    expect([before.slice(span.start, span.end), span.mask]).toEqual([gone, mask]);
    expect(before.slice(0, span.start) + span.mask + before.slice(span.end)).toBe(after);
    expect(span.end).toBeGreaterThan(span.start);
  });

  it('equal texts have no changed span', () => expect(findChangedSpan('same', 'same')).toBeNull());
});

describe('the texts of a document', () => {
  it.each([
    ['{"model":"m","messages":[{"role":"user","content":"hi"}]}', [['/messages/0/content', 'hi']]],
    [
      '{"a":"x"}\n{"a":"y"}',
      [
        ['/a', 'x'],
        ['/a~2', 'y'],
      ],
    ],
    ['plain words', [['', 'plain words']]],
    ['{"a":"x","b":"never ended', [['', '{"a":"x","b":"never ended']]],
    ['{"n":1,"empty":""}', []],
  ])('the document %j has the texts %j', (document, texts) => {
    expect(extractTexts(document).map(({ pointer, text }) => [pointer, text])).toEqual(texts);
  });

  it('applying texts changes only the members that are named', () => {
    const document = '{ "a" : "x", "a":"x", "b":["x", 1.0] }';
    expect(applyTexts(document, new Map([['/a~2', 'z']]))).toBe('{ "a" : "x", "a":"z", "b":["x", 1.0] }');
    expect(applyTexts('plain words', new Map([['', 'other words']]))).toBe('other words');
    expect(applyTexts('{"a":"x","b":"never ended', new Map([['', 'z']]))).toBe('z');
  });
});

describe('the decision of a webhook', () => {
  const asked = [{ pointer: '/a', offset: 0, text: 'x' }];
  const read = (answer: unknown) => readDecision(Buffer.from(JSON.stringify(answer)), asked);

  it('a webhook decision has one of four actions, and a reason only if it is a slug', () => {
    expect(read({ action: 'allow' })).toEqual({ action: 'allow', reason: null });
    expect(read({ action: 'block', reason: 'toxic.high' })).toEqual({ action: 'block', reason: 'toxic.high' });
    expect(read({ action: 'flag', reason: 'You said x' })).toEqual({ action: 'flag', reason: null });
    expect(read({ action: 'flag', reason: 'a'.repeat(65) })).toEqual({ action: 'flag', reason: null });
    expect(read({ action: 'redact', texts: [{ pointer: '/a', text: 'y' }] })).toEqual({
      action: 'redact',
      reason: null,
      texts: new Map([['/a', 'y']]),
    });
  });

  it.each([
    null,
    [],
    'allow',
    {},
    { action: 'ALLOW' },
    { action: 'redact' },
    { action: 'redact', texts: [] },
    { action: 'redact', texts: [null] },
    { action: 'redact', texts: [{ pointer: '/b', text: 'y' }] },
    { action: 'redact', texts: [{ pointer: '/a', text: 1 }] },
  ])('the webhook response %j is rejected with bad_answer', (answer) =>
    expect(() => read(answer)).toThrow('bad_answer'),
  );
});
