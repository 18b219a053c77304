import fc from 'fast-check';
import { USER_SCHEMA } from '../protocol/schema-names.js';
import { parsePatchSteps } from '../patch/step.js';
import { ScimError } from '../protocol/scim-errors.js';
import { patchUser } from './patch.js';
import { readUser } from './body.js';

const ada = { email: 'ada@example.com' };
const patch = (...operations: object[]) => patchUser(ada, parsePatchSteps({ Operations: operations }, USER_SCHEMA));
const readPatched = (...operations: object[]) => readUser(patch(...operations).attributes);

describe('PATCH of a user', () => {
  it.each([
    ['a path', { op: 'replace', path: 'active', value: false }],
    ['capital letters', { op: 'Replace', path: 'Active', value: 'False' }],
    ['no path', { op: 'replace', value: { active: false } }],
    ['an empty path', { op: 'replace', path: '', value: { active: 'false' } }],
    ['a URN in its path', { op: 'add', path: `${USER_SCHEMA}:active`, value: false }],
    ['a URN in its value', { op: 'add', value: { [`${USER_SCHEMA}:active`]: false } }],
  ])('a user is deactivated by an operation with %s', async (_, operation) => {
    expect((await readPatched(operation)).isActive).toBe(false);
  });

  it('a patched user gets the name of the last operation with a whole name', async () => {
    const half = { op: 'replace', path: 'name.familyName', value: 'King' };
    expect((await readPatched(half)).name).toBeUndefined();
    expect((await readPatched(half, { op: 'add', path: 'name.givenName', value: 'Ada' })).name).toBe('Ada King');
    expect((await readPatched(half, { op: 'replace', value: { name: { formatted: 'A. King' } } })).name).toBe(
      'A. King',
    );
    expect((await readPatched(half, { op: 'replace', path: 'displayName', value: 'Countess' })).name).toBe('Countess');
    expect((await readPatched({ op: 'remove', path: 'displayName' })).name).toBe('ada@example.com');
  });

  it('a change of emails keeps the address of a user', async () => {
    const { email } = await readPatched({
      op: 'replace',
      path: 'emails[type eq "work"].value',
      value: 'x@example.com',
    });
    expect(email).toBeUndefined();
  });

  it.each([
    { op: 'remove', path: 'externalId' },
    { op: 'replace', path: 'externalId', value: null },
    { op: 'replace', value: { externalId: '' } },
  ])('the external id is removed by %j', (operation) => {
    expect(patch(operation)).toEqual({ attributes: { externalId: undefined }, removesExternalId: true });
    expect(patch(operation, { op: 'add', path: 'externalId', value: 'x' }).removesExternalId).toBe(false);
  });

  it('a patch of any operations is applied or rejected with a ScimError', () => {
    const name = fc.constantFrom(
      'active',
      'userName',
      'name',
      'name.formatted',
      'emails[type eq "work"].value',
      'id',
      '[',
      'x y',
      '',
    );
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'Replace', 'remove', 'x', 5),
        path: fc.oneof(name, fc.string()),
        value: fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue())),
      },
      { requiredKeys: ['op'] },
    );
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        try {
          patch(...operations);
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
