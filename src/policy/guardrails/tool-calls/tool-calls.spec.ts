/**
 * Promise: a blocked call reaches no client in any format, whole or streamed; the calls beside it do, and the agent
 * continues.
 */
import {
  readSse,
  TOOL_LANGUAGES,
  type ReadTurn,
  type ToolLanguage,
  type Turn,
} from '../../../../test/support/providers/tool-call-dialects.js';
import type { ToolCallPolicy } from '../../../orgs/llm-proxies/policy/tool-calls.js';
import { getDialect } from '../../../providers/dialects/registry.js';
import type { GatewayError } from '../../../platform/errors/gateway-error.js';
import { GuardrailRun } from '../guardrail-run.js';
import type { ToolCallStream } from './streams.js';

export const policyOf = (over: Partial<ToolCallPolicy> = {}): ToolCallPolicy => ({
  rules: [
    { name: 'no-delete', tools: ['delete_*'], when: [], action: 'block' },
    { name: 'no-prod', tools: ['deploy'], when: [{ pointer: '/env', equals: 'prod' }], action: 'block' },
  ],
  default: 'allow',
  trustedTools: [],
  onBlock: 'refuse',
  ...over,
});

const screeningOf = (over: Partial<ToolCallPolicy> = {}): GuardrailRun =>
  GuardrailRun.create({ toolCalls: policyOf(over) })!;

interface Screened {
  readonly turn: ReadTurn | null;
  readonly bytes: Buffer;
  readonly error: GatewayError | null;
  readonly blocked: readonly string[];
}

const blockedIn = (screening: GuardrailRun): string[] =>
  screening.decisions.map(({ guardrail, action, on, reason }) => `${on} ${action} ${guardrail} ${reason ?? ''}`.trim());

function whole(language: ToolLanguage, body: Buffer, over: Partial<ToolCallPolicy> = {}): Screened {
  const screening = screeningOf(over);
  try {
    const bytes = screening.toolCalls!.checkResponse(body, getDialect(language.dialect).toolCalls);
    const turn = language.readWhole(JSON.parse(bytes.toString()));
    return { turn, bytes, error: null, blocked: blockedIn(screening) };
  } catch (error) {
    return { turn: null, bytes: Buffer.alloc(0), error: error as GatewayError, blocked: blockedIn(screening) };
  }
}

function streamOf(screening: GuardrailRun, { contentType, dialect }: ToolLanguage): ToolCallStream {
  const { streamForms, toolCalls } = getDialect(dialect);
  const isLineStream = streamForms?.includes('lines') ?? false;
  const head = { contentType, contentEncoding: null, isStreamed: true, isArrayStream: false, isLineStream };
  return screening.createToolCallStream(head, toolCalls)!;
}

function streamed(
  language: ToolLanguage,
  bytes: Buffer,
  { cutAt = [] as readonly number[], over = {} } = {},
): Screened {
  const screening = screeningOf(over);
  const stream = streamOf(screening, language);
  const shown: Buffer[] = [];
  const ends = [...cutAt, bytes.length];
  let from = 0;
  for (const [i, end] of ends.entries()) {
    shown.push(Buffer.from(stream.push(bytes.subarray(from, end), i === ends.length - 1)));
    from = end;
    if (stream.refusal) break;
  }
  const out = Buffer.concat(shown);
  const error = stream.refusal;
  return { turn: error ? null : language.readStream(out), bytes: out, error, blocked: blockedIn(screening) };
}

const json = (body: object): Buffer => Buffer.from(JSON.stringify(body));

const ALLOWED: Turn = {
  text: 'I look.',
  calls: [
    { name: 'read_file', args: '{"path":"a"}' },
    { name: 'deploy', args: '{"env":"dev"}' },
  ],
};
const MIXED: Turn = {
  text: 'I look.',
  calls: [
    { name: 'read_file', args: '{"path":"a"}' },
    { name: 'delete_file', args: '{"path":"secret-7"}' },
    { name: 'deploy', args: '{"env":"prod"}' },
    { name: 'deploy', args: '{"env":"dev"}' },
  ],
};
const BLOCKED: Turn = { text: '', calls: [{ name: 'delete_file', args: '{"path":"secret-7"}' }] };

describe.each(Object.entries(TOOL_LANGUAGES))('tool call guardrails in %s', (name, language) => {
  const hasParallelCalls = !name.includes('2023');
  const isText = name.includes('custom');

  it(`${name}: a response without blocked calls passes byte for byte`, () => {
    const turn =
      hasParallelCalls && !isText ? ALLOWED : { text: 'Hi.', calls: [{ name: 'read_file', args: '{"path":"a"}' }] };
    const body = Buffer.from(JSON.stringify(language.whole(turn), null, 1));
    expect(whole(language, body).bytes.equals(body)).toBe(true);
    const bytes = language.stream(turn, 3);
    const read = streamed(language, bytes);
    expect(read.bytes.equals(bytes)).toBe(true);
    expect(read.turn).toEqual(language.readWhole(language.whole(turn)));
    expect(read.blocked).toEqual([]);
  });

  it(`${name}: a text replaces a blocked call, and the client awaits no result`, () => {
    for (const { turn, bytes, blocked } of [
      whole(language, json(language.whole(BLOCKED))),
      streamed(language, language.stream(BLOCKED, 4)),
    ]) {
      expect(turn!.calls).toEqual([]);
      expect(turn!.waits).toBe(false);
      expect(turn!.text).toMatch(
        /^\[The gateway removed a call of the tool "delete_file": the rule "no-delete" blocks it\. .*\]$/,
      );
      expect(bytes.toString()).not.toContain('secret-7');
      expect(blocked).toEqual(['answer block no-delete']);
    }
  });

  it(`${name}: the other calls keep their order and arguments`, () => {
    if (!hasParallelCalls || isText) return;
    const kept = [MIXED.calls[0]!, MIXED.calls[3]!];
    for (const { turn, bytes, blocked } of [
      whole(language, json(language.whole(MIXED))),
      streamed(language, language.stream(MIXED, 4)),
    ]) {
      expect(turn!.calls).toEqual(kept);
      expect(turn!.waits).toBe(true);
      expect(turn!.text).toMatch(/^I look\.\n+\[.*"no-delete".*\]\n+\[.*"no-prod".*\]$/s);
      expect(bytes.toString()).not.toContain('secret-7');
      expect(bytes.toString()).not.toContain('prod"}');
      expect(blocked).toEqual(['answer block no-delete', 'answer block no-prod']);
    }
  });

  it(`${name}: the result does not depend on how the stream is cut into chunks`, () => {
    const turn = hasParallelCalls && !isText ? MIXED : { text: 'Hm.', calls: BLOCKED.calls };
    const bytes = language.stream(turn, 16);
    const expected = streamed(language, bytes);
    expect(expected.turn!.calls.length).toBe(hasParallelCalls && !isText ? 2 : 0);
    for (let at = 1; at < bytes.length; at++) {
      const read = streamed(language, bytes, { cutAt: [at] });
      if (!read.bytes.equals(expected.bytes)) throw new Error(`differs when it is cut at ${at}`);
    }
    const everywhere = [...bytes.keys()].slice(1);
    expect(streamed(language, bytes, { cutAt: everywhere }).bytes.equals(expected.bytes)).toBe(true);
  });

  it(`${name}: onBlock error rejects with guardrail_blocked and shows nothing of the call`, () => {
    const over = { onBlock: 'error' } as const;
    for (const { error, bytes, blocked } of [
      whole(language, json(language.whole(BLOCKED)), over),
      streamed(language, language.stream(BLOCKED, 4), { over }),
    ]) {
      expect(error).toMatchObject({ code: 'guardrail_blocked', status: 403, reason: 'no-delete' });
      expect(error!.detail).toContain('"delete_file"');
      expect(error!.detail).not.toContain('secret-7');
      expect(bytes.toString()).not.toContain('delete_file');
      expect(blocked).toEqual(['answer block no-delete']);
    }
  });

  it(`${name}: text is released immediately, a call only when it is complete`, () => {
    const bytes = language.stream({ text: 'I look.', calls: [{ name: 'read_file', args: '{"path":"abcdef"}' }] }, 2);
    const stream = streamOf(screeningOf(), language);
    const half = bytes.subarray(0, bytes.indexOf('read_file') + 200);
    const shown = Buffer.from(stream.push(half, false)).toString();
    expect(shown).toContain('"ok"');
    // calls of Gemini and Ollama arrive whole
    if (language.dialect === 'gemini' || language.dialect === 'ollama') return;
    expect(shown).not.toContain('read_file');
    const rest = Buffer.from(stream.push(bytes.subarray(half.length), true)).toString();
    expect(rest).toContain('read_file');
  });

  it(`${name}: whole and streamed responses are judged alike`, () => {
    const random = randomOf(42);
    const names = ['read_file', 'delete_a', 'Delete_B', 'deploy', 'DEPLOY', 'x', 'ｄｅlete_c'];
    const args = [
      '{}',
      '{"env":"prod"}',
      '{"env":"dev"}',
      '{"env":["prod"]}',
      '{"Env":"prod"}',
      '{"n":12345678901234567}',
    ];
    for (let round = 0; round < 60; round++) {
      const count = hasParallelCalls ? Math.floor(random() * 5) : Math.floor(random() * 2);
      const calls = Array.from({ length: count }, () => ({ name: pick(names, random), args: pick(args, random) }));
      const turn = { text: pick(['', 'Well.', 'Grüße 😀'], random), calls };
      const one = whole(language, json(language.whole(turn)));
      const other = streamed(language, language.stream(turn, 1 + Math.floor(random() * 9)));
      expect(other.blocked).toEqual(one.blocked);
      expect(other.turn!.calls).toEqual(one.turn!.calls);
      expect(other.turn!.waits).toBe(one.turn!.waits);
      expect(other.turn!.text.replace(/\s+/g, ' ')).toBe(one.turn!.text.replace(/\s+/g, ' '));
    }
  });
});

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;

function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

it('rewritten stream events keep their own event names', () => {
  const bytes = streamed(TOOL_LANGUAGES['Messages']!, TOOL_LANGUAGES['Messages']!.stream(BLOCKED, 4)).bytes;
  expect(readSse(bytes).map(({ type }) => type)).toEqual([
    ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
    ...['message_delta', 'message_stop'],
  ]);
});
