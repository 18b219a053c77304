import type { LlmCall } from '../call/llm-call.js';
import { readRetryAfterSeconds, applyShortestWait } from './retry-after.js';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
const wait = (...headers: string[]): number | null =>
  readRetryAfterSeconds(
    headers.map((each) => Buffer.from(each)),
    NOW,
  );

describe('Retry-After (RFC 9110 §10.2.3)', () => {
  it.each([
    [['Retry-After', '7'], 7],
    [['retry-after', 'Wed, 21 Oct 2026 07:28:30 GMT'], 30],
    [['retry-after', 'Wed, 21 Oct 2026 07:00:00 GMT'], 0],
    [['retry-after', '2', 'Retry-After-Ms', '1500'], 1.5],
    [['retry-after', 'soon'], null],
    [['retry-after', '-5'], 0],
    [['date', '7'], null],
  ])('the headers %j mean a wait of %s seconds', (headers, seconds) => {
    expect(wait(...headers)).toBe(seconds);
  });
});

describe('the headers of a failed response', () => {
  const shown = (status: number, shortestWaitSeconds: number | null, headers: string[]): string[] =>
    applyShortestWait({ status, route: { shortestWaitSeconds } } as unknown as LlmCall, headers);

  it('the wait of the target that is available first replaces Retry-After', () => {
    const own = ['retry-after', '30', 'retry-after-ms', '30000', 'x', 'y'];
    expect(shown(429, 2.5, own)).toEqual(['x', 'y', 'retry-after', '3']);
    expect(shown(503, 2, ['x', 'y'])).toEqual(['x', 'y', 'retry-after', '2']);
  });

  it('the headers stay unchanged for other statuses and longer waits', () => {
    const own = ['retry-after', '3'];
    for (const head of [shown(429, 3, own), shown(429, 9, own), shown(500, 1, own), shown(429, null, own)])
      expect(head).toBe(own);
  });
});
