/** Promise: texts in documents of every kind are checked, and only matches change. */
import type { DetectingGuardrail } from '../../orgs/llm-proxies/policy/guardrail.js';
import { getResponseKind } from './response-kind.js';
import { replaceTexts } from './text/json-strings.js';
import { GuardrailRun } from './guardrail-run.js';

const CARD = '4111111111111111';
const cards = (more: Partial<DetectingGuardrail> = {}): DetectingGuardrail => ({
  name: 'cards',
  detector: 'credit_card',
  on: 'both',
  action: 'redact',
  ...more,
});
const screened = (body: string, ...guardrails: DetectingGuardrail[]): string =>
  (
    GuardrailRun.create({ guardrails: guardrails.length > 0 ? guardrails : [cards()] })!.checkRequest(
      Buffer.from(body),
    ) as Buffer
  ).toString();

it('a policy without guardrails creates no guardrail run', () => {
  expect(GuardrailRun.create({})).toBeNull();
  expect(GuardrailRun.create({ guardrails: [] })).toBeNull();
});

it.each([
  ['{"a":"CARD"}', '{"a":"[credit card]"}'],
  [' [ "x" , {"b" : ["CARD"]} ] ', ' [ "x" , {"b" : ["[credit card]"]} ] '],
  ['{"a":"\\u0034111111111111111"}', '{"a":"[credit card]"}'],
  ['{"a":"\\nCARD\\t\\"x\\""}', '{"a":"\\n[credit card]\\t\\"x\\""}'],
  ['{"a":"\\q \\u0034111111111111111"}', '{"a":"\\\\q [credit card]"}'],
  ['{"CARD":1,"n":CARD}', '{"CARD":1,"n":CARD}'],
  ['{"model":"CARD"}', '{"model":"CARD"}'],
  ['{"a":"x"}\n{"a":"CARD"}\n', '{"a":"x"}\n{"a":"[credit card]"}\n'],
  ['not JSON: CARD', 'not JSON: [credit card]'],
  ['{"a":"CARD', '{"a":"[credit card]'],
  ['"CARD"', '"[credit card]"'],
])('redaction of %s gives %s', (body, expected) => {
  expect(screened(body.replaceAll('CARD', CARD))).toBe(expected.replaceAll('CARD', CARD));
});

it('a body without findings is returned unchanged, as the same buffer', () => {
  const body = Buffer.from('{"a":"\\u00e4", "n": 1.0}');
  expect(GuardrailRun.create({ guardrails: [cards()] })!.checkRequest(body)).toBe(body);
});

it('redaction keeps bytes that are not UTF-8', () => {
  const body = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(` ${CARD} `), Buffer.from([0xe4])]);
  const expected = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(' [credit card] '), Buffer.from([0xe4])]);
  const both = GuardrailRun.create({ guardrails: [cards()] })!;
  expect(both.checkRequest(body)).toEqual(expected);
  expect(both.checkResponse(body)).toEqual(expected);
});

it('a guardrail ignores base64 data of files', () => {
  const file = `data:image/png;base64,${'iVBORw0KGgo/'.repeat(500)}AKIAIOSFODNN7EXAMPLE`;
  const secrets = cards({ detector: 'secret', action: 'block' });
  expect(screened(JSON.stringify({ url: file }), secrets)).toBe(JSON.stringify({ url: file }));
  expect(() => screened(JSON.stringify({ url: `${file} AKIAIOSFODNN7EXAMPLE` }), secrets)).toThrow('"cards"');
});

it('overlapping rules redact a text once, and a blocking rule among them blocks', () => {
  const own = cards({ name: 'own', detector: 'pattern', pattern: '4111\\d+ and more' });
  expect(screened(`{"a":"${CARD} and more, or not"}`, cards(), own)).toBe('{"a":"[credit card], or not"}');
  expect(() => screened(`{"a":"${CARD} and more"}`, cards(), { ...own, action: 'block' })).toThrow('"own"');
});

it('texts are located by JSON pointers', () => {
  const seen: string[] = [];
  replaceTexts('{"a/b":[{"~":"x"},"y"],"c":{"":"z"}}', (text, pointer) => {
    seen.push(`${pointer()}=${text}`);
    return text;
  });
  expect(seen).toEqual(['/a~1b/0/~0=x', '/a~1b/1=y', '/c/=z']);
});

it('a run records at most 100 decisions', () => {
  const screening = GuardrailRun.create({ guardrails: [cards({ action: 'flag' })] })!;
  void screening.checkRequest(Buffer.from(JSON.stringify(new Array(500).fill(CARD))));
  expect(screening.decisions).toHaveLength(100);
  expect(JSON.stringify(screening.decisions)).not.toContain(CARD);
});

it.each([
  ['application/json; charset=utf-8', {}, 'document'],
  ['application/json', { isArrayStream: true, isStreamed: true }, 'closed'],
  ['application/vnd.api+json', {}, 'document'],
  ['application/x-jsonl', {}, 'document'],
  ['application/stream+json', { isStreamed: true }, 'closed'],
  ['application/stream+json', { isStreamed: true, isLineStream: true }, 'lines'],
  ['application/x-ndjson; charset=utf-8', { isStreamed: true, isLineStream: true }, 'lines'],
  ['application/x-ndjson', { isStreamed: true, isLineStream: true, contentEncoding: 'gzip' }, 'closed'],
  ['application/x-ndjson', { isLineStream: true }, 'document'],
  ['application/json-seq', { isStreamed: true, isLineStream: true }, 'closed'],
  ['text/event-stream', { isStreamed: true }, 'events'],
  ['application/vnd.amazon.eventstream', { isStreamed: true }, 'frames'],
  ['text/plain', {}, 'document'],
  ['audio/mpeg', {}, 'other'],
  ['audio/mpeg', { contentEncoding: 'gzip' }, 'other'],
  ['application/json', { contentEncoding: 'gzip' }, 'closed'],
])('a response of type %s with %j is checked as %s', (contentType, more, kind) => {
  expect(
    getResponseKind({ contentType, contentEncoding: null, isStreamed: false, isArrayStream: false, ...more }),
  ).toBe(kind);
});
