import { readClaimedSession, SESSION_MEMBERS } from './claimed-session.js';
import { MemberKeys, scanBody } from '../../json/members.js';

const KEYS = MemberKeys.withLabels(['model'], SESSION_MEMBERS);
const UUID = '0b4445e1-f5be-49e1-87ce-62bbc28ad705';

function sessionIn(text: string): string | null {
  const body = Buffer.from(text);
  return readClaimedSession(body, scanBody(body, KEYS).values.slice(1));
}
const ofUser = (userId: unknown): string | null => sessionIn(JSON.stringify({ metadata: { user_id: userId } }));

describe('the session that a body claims', () => {
  it.each<[string, unknown, string | null]>([
    ['Claude Code’s text', `user_${'a'.repeat(64)}_account_${UUID.replace('0', '1')}_session_${UUID}`, UUID],
    ['Claude Code’s text without an account', `user_${'a'.repeat(64)}_account__session_${UUID}`, UUID],
    ['Claude Code’s JSON', JSON.stringify({ device_id: 'd', account_uuid: '', session_id: UUID }), UUID],
    ['JSON without a session', JSON.stringify({ device_id: 'd' }), null],
    ['JSON whose session is not a text', JSON.stringify({ session_id: 7 }), null],
    ['broken JSON', '{"session_id":', null],
    ['a user id', 'user-123', null],
    ['a session that is not a UUID', 'user_a_account__session_mine', null],
    ['an overlong value', `user_${'a'.repeat(5_000)}_session_${UUID}`, null],
    ['a number', 7, null],
    ['null', null, null],
  ])('the session in metadata.user_id is read from %s', (_, userId, session) => {
    expect(ofUser(userId)).toBe(session);
  });

  it.each([
    ['{"prompt_cache_key":"conversation-1","user":"u"}', 'conversation-1'],
    ['{"user":"u-1"}', 'u-1'],
    ['{"user":"\\u0061"}', 'a'],
    ['{"user":"u-1","prompt_cache_key":null}', 'u-1'],
    ['{"user":"  "}', null],
    ['{"user":{"id":1},"prompt_cache_key":[]}', null],
    [`{"metadata":{"user_id":"user_a_account__session_${UUID}"},"user":"u"}`, UUID],
    ['{"metadata":{"user_id":"person"},"user":"u"}', 'u'],
    ['{"metadata":"text"}', null],
    ['{}', null],
  ])('the session of %s is %s', (body, session) => {
    expect(sessionIn(body)).toBe(session);
  });

  it('a body with odd or repeated labels is not refused', () => {
    expect(sessionIn('{"model":"m","user":1,"user":"b","User":"c","METADATA":{}}')).toBe('b');
    expect(sessionIn('{"metadata":{"user_id":1,"USER_ID":2}}')).toBeNull();
    expect(() => sessionIn('{"model":"m","Model":"n"}')).toThrow(/another case/);
  });
});
