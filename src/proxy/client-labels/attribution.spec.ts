import { readPolicyLabels, readAttribution } from './attribution.js';

const NOTHING = {
  agentId: null,
  claimedUserId: null,
  sessionId: null,
  runId: null,
  clientName: null,
  clientVersion: null,
};

describe('attribution by a client', () => {
  it('single X-Archestra headers win over X-Archestra-Meta', () => {
    expect(readAttribution({})).toEqual(NOTHING);
    expect(readAttribution({ 'x-archestra-meta': 'agent/run/session', 'x-archestra-run-id': ' 7 ' })).toEqual({
      ...NOTHING,
      agentId: 'agent',
      runId: '7',
      sessionId: 'session',
    });
    expect(readAttribution({ 'x-archestra-user-id': 'u'.repeat(300) }).claimedUserId).toHaveLength(255);
  });

  it.each([
    ['claude-code', { 'user-agent': 'claude-cli/2.1.0', 'x-claude-code-session-id': 'own' }],
    ['codex', { originator: 'codex_cli_rs', 'session-id': 'own', 'thread-id': 'other' }],
    ['codex', { 'user-agent': 'codex_exec/0.169.0', 'thread-id': 'own' }],
    ['opencode', { 'user-agent': 'opencode/1.18.33', 'x-session-id': 'own', 'x-session-affinity': 'other' }],
    ['opencode', { 'user-agent': 'opencode/1.18.33', 'x-session-affinity': 'own' }],
  ])('the session of %s is read from its own header', (clientName, headers) => {
    expect(readAttribution(headers)).toMatchObject({ clientName, sessionId: 'own' });
    expect(readAttribution({ ...headers, 'x-archestra-session-id': 'said' }).sessionId).toBe('said');
    expect(readAttribution({ ...headers, 'x-archestra-meta': 'a/r/said' }).sessionId).toBe('said');
  });

  it('session headers of one program are ignored from another program', () => {
    for (const name of ['session-id', 'thread-id', 'x-session-id', 'x-session-affinity'])
      expect(readAttribution({ 'user-agent': 'curl/8.5.0', [name]: 'x' }).sessionId).toBeNull();
  });

  it('the agent of Claude Code is read unless X-Archestra-Agent-Id names another', () => {
    const headers = { 'x-claude-code-session-id': 's', 'x-claude-code-agent-id': 'explorer' };
    expect(readAttribution(headers)).toMatchObject({ agentId: 'explorer', clientName: 'claude-code' });
    expect(readAttribution({ ...headers, 'x-archestra-agent-id': 'said' }).agentId).toBe('said');
    expect(readPolicyLabels(headers)).toEqual({ agent: 'explorer', user: null, session: 's', run: null });
  });

  it.each<[Record<string, string>, string]>([
    [{ 'user-agent': 'kilo/7.0.3', 'x-session-id': 's-1' }, 's-1'],
    [{ 'x-kilocode-taskid': 's-2' }, 's-2'],
    [{ 'x-openwebui-chat-id': 's-3' }, 's-3'],
    [{ 'x-archestra-execution-id': 's-4' }, 's-4'],
    [{ 'x-archestra-execution-id': 's-4', 'x-archestra-session-id': 's-5' }, 's-5'],
  ])('the session is read from %j', (headers, session) => {
    expect(readAttribution(headers).sessionId).toBe(session);
    expect(readAttribution(headers, 'in the body').sessionId).toBe(session);
  });

  it('the session in the body counts without a header, limited to 255 characters and masked', () => {
    expect(readAttribution({ 'x-session-id': 'another program’s' }, ' s-6 ').sessionId).toBe('s-6');
    expect(readAttribution({}, 'x'.repeat(300)).sessionId).toHaveLength(255);
    expect(readAttribution({}, `user-sk-proj-${'a1'.repeat(24)}`).sessionId).not.toContain('a1a1a1');
  });
});
