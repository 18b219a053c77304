import type { LlmProxyPolicy } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { checkEntry, findEntryRefusal, type EntryContext } from './entry-rules.js';

const NOBODY = { agent: null, user: null, session: null, run: null };
const entrant = (over: Partial<EntryContext> = {}): EntryContext => ({
  address: '192.0.2.1',
  atMs: Date.parse('2026-11-25T12:00:00Z'),
  readLabels: () => NOBODY,
  ...over,
});
const refusal = (policy: LlmProxyPolicy, over: Partial<EntryContext> = {}) =>
  findEntryRefusal({ name: 'door', policy }, entrant(over));

describe('entry rules of a proxy', () => {
  it('a proxy without entry rules admits every caller and reads no labels', () => {
    const labels = (): never => {
      throw new Error('asked');
    };
    expect(refusal({}, { readLabels: labels })).toBeNull();
    expect(refusal({ allowedModels: ['x'] }, { readLabels: labels, address: '' })).toBeNull();
  });

  it('allowedIpRanges refuses other and unknown addresses with address_not_allowed', () => {
    const policy = { allowedIpRanges: ['192.0.2.0/24', '2001:db8::/32'] };
    expect(refusal(policy)).toBeNull();
    expect(refusal(policy, { address: '::ffff:192.0.2.9' })).toBeNull();
    expect(refusal(policy, { address: '2001:db8::7' })).toBeNull();
    expect(refusal(policy, { address: '198.51.100.1' })).toMatchObject({ reason: 'address_not_allowed' });
    expect(refusal(policy, { address: '' })).toMatchObject({ reason: 'address_not_allowed' });
    expect(refusal({ allowedIpRanges: ['rubbish'] })).toMatchObject({ reason: 'address_not_allowed' });
  });

  it('allowedHours refuses outside the hours and names them in the detail', () => {
    const policy: LlmProxyPolicy = { allowedHours: [{ days: ['tue'], from: '08:00', to: '18:00', timeZone: 'UTC' }] };
    expect(refusal(policy)).toMatchObject({
      reason: 'outside_allowed_hours',
      detail: expect.stringContaining('tue 08:00–18:00 (UTC)'),
    });
    expect(refusal(policy, { atMs: Date.parse('2026-11-24T12:00:00Z') })).toBeNull();
  });

  it('requiredHeaders refuses with label_missing and names each missing header', () => {
    const policy: LlmProxyPolicy = { requiredHeaders: ['agent', 'session', 'run'] };
    const { reason, detail } = refusal(policy, { readLabels: () => ({ ...NOBODY, session: 's' }) })!;
    expect(reason).toBe('label_missing');
    expect(detail).toContain('X-Archestra-Agent-Id, X-Archestra-Run-Id');
    expect(refusal(policy, { readLabels: () => ({ agent: 'a', user: null, session: 's', run: 'r' }) })).toBeNull();
  });

  it('a refused entry throws policy_denied', () => {
    expect(() => checkEntry({ name: 'door', policy: { requiredHeaders: ['user'] } }, entrant())).toThrow(
      expect.objectContaining({ code: 'policy_denied', reason: 'label_missing' }),
    );
  });
});
