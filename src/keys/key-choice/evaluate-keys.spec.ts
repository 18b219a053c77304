import { evaluateForHolder, evaluateForMember, type MemberCandidate } from './evaluate-keys.js';

const key = (id: string, over: Partial<MemberCandidate> = {}): MemberCandidate => ({
  id,
  name: id,
  provider: 'openai',
  scope: 'org',
  teamId: null,
  isPrimary: false,
  isResolved: true,
  isOfChosenTeam: true,
  ...over,
});
const evaluate = (...keys: MemberCandidate[]) =>
  evaluateForMember(keys).map(({ id, isChosen, reason }) => `${id} ${isChosen ? '+' : '-'} ${reason}`);

describe('keys of a member', () => {
  it("a member's key is the first in order, and every other key has its reason", () => {
    const team = { scope: 'team', teamId: 'a' } as const;
    expect(
      evaluate(
        key('1', { ...team, isPrimary: true }),
        key('2', { ...team }),
        key('3', { ...team, teamId: 'b' }),
        key('4'),
        key('5', { scope: 'personal', isResolved: false }),
      ),
    ).toEqual(['1 + first_in_order', '2 - not_primary', '3 - later_team', '4 - later_scope', '5 - scope_not_resolved']);
    expect(evaluate(key('1'), key('2'))).toEqual(['1 + first_in_order', '2 - newer']);
  });

  it('a member who chose a team uses the key of that team', () => {
    const first = key('1', { scope: 'team', teamId: 'a', isOfChosenTeam: false });
    expect(evaluate(first, key('2', { scope: 'team', teamId: 'b' }))).toEqual([
      '1 - team_not_chosen',
      '2 + first_in_order',
    ]);
    expect(evaluate(first)).toEqual(['1 - team_not_chosen']);
  });
});

describe('keys of a credential', () => {
  it("a credential's key is the mapped one unless the mapping is suspended", () => {
    expect(evaluateForHolder([key('1')], '1')).toMatchObject([{ isChosen: true, reason: 'mapped' }]);
    expect(evaluateForHolder([key('1')], undefined)).toMatchObject([{ isChosen: false, reason: 'mapping_suspended' }]);
    expect(evaluateForHolder([], undefined)).toEqual([]);
  });
});
