import fc from 'fast-check';
import { GROUP_SCHEMA } from '../protocol/schema-names.js';
import { parsePatchSteps } from '../patch/step.js';
import { patchGroup } from './patch.js';

const IDS = ['a', 'b', 'c', 'd'];
const applyOperations = (before: string[], ...operations: object[]): string[] =>
  [
    ...patchGroup({ memberIds: new Set(before) }, parsePatchSteps({ Operations: operations }, GROUP_SCHEMA)).memberIds,
  ].sort();
const toValues = (ids: string[]) => ids.map((value) => ({ value }));

describe('PATCH of group members', () => {
  it('any sequence of SCIM operations yields the group members that a set would hold', () => {
    const operation = fc.tuple(fc.constantFrom('add', 'replace', 'remove'), fc.subarray(IDS), fc.nat(2));
    fc.assert(
      fc.property(fc.subarray(IDS), fc.array(operation), (before, operations) => {
        const model = new Set(before);
        const sent = operations.flatMap(([op, ids, dialect]): object[] => {
          if (op === 'replace') model.clear();
          for (const id of ids)
            if (op === 'remove') model.delete(id);
            else model.add(id);
          const name = dialect === 0 ? op : op[0]!.toUpperCase() + op.slice(1);
          if (op !== 'remove') {
            return [
              dialect === 2
                ? { op: name, value: { members: toValues(ids) } }
                : { op: name, path: 'members', value: toValues(ids) },
            ];
          }
          if (dialect === 1) return [{ op: name, path: 'members', value: toValues(ids) }];
          return ids.map((id) => ({
            op: name,
            path: `${dialect === 2 ? `${GROUP_SCHEMA}:` : ''}members[value eq "${id}"]`,
          }));
        });
        if (sent.length > 0) expect(applyOperations(before, ...sent)).toEqual([...model].sort());
      }),
    );
  });

  it('a SCIM remove without values removes all members that its path selects', () => {
    expect(applyOperations(IDS, { op: 'remove', path: 'members' })).toEqual([]);
    expect(applyOperations(IDS, { op: 'remove', path: 'members[type eq "User" and not (value eq "a")]' })).toEqual([
      'a',
    ]);
  });

  it('a SCIM operation accepts a single member without a list', () => {
    expect(applyOperations([], { op: 'add', path: 'members', value: { value: 'A' } })).toEqual(['a']);
  });
});
