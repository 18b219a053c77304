import fc from 'fast-check';
import { ScimError } from '../protocol/scim-errors.js';
import { COMPARISONS, type Filter } from './expression.js';
import { parseFilter, parseValuePath } from './parse.js';

const path = fc
  .constantFrom('username', 'emails.value', 'name.formatted', 'active', 'x-y_z')
  .map((name) => ({ schema: null, name }));
const value = fc.oneof(
  fc.string().filter((text) => !text.includes('\0')),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
);
const { filter: anyFilter } = fc.letrec<{ filter: Filter; inner: Filter }>((tie) => ({
  inner: fc.oneof(
    fc.record({ op: fc.constantFrom(...COMPARISONS), path, value }),
    fc.record({ op: fc.constant('pr' as const), path }),
  ),
  filter: fc.oneof(
    { maxDepth: 3 },
    tie('inner'),
    fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
    fc.record({ op: fc.constant('values' as const), path, filter: tie('inner') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

/** Serializes a filter with brackets around everything. Lists of two or more stay flat, as the parser returns them. */
function writeFilter(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.map((each) => `(${writeFilter(each)})`).join(` ${filter.op} `);
    case 'not':
      return `not (${writeFilter(filter.filter)})`;
    case 'values':
      return `${filter.path.name}[${writeFilter(filter.filter)}]`;
    case 'pr':
      return `${filter.path.name} pr`;
    default:
      return `${filter.path.name} ${filter.op} ${JSON.stringify(filter.value)}`;
  }
}

describe('SCIM filters (RFC 7644 §3.4.2.2)', () => {
  it('a serialized SCIM filter parses back to itself', () => {
    fc.assert(fc.property(anyFilter, (filter) => expect(parseFilter(writeFilter(filter))).toEqual(filter)));
  });

  it('any SCIM filter text is parsed or rejected with invalidFilter', () => {
    const words = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      'and',
      'or',
      'not',
      'eq',
      'pr',
      '"x"',
      'userName',
      '.value',
      '"',
      '\\',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((each) => each.join(' ')),
        ),
        (text) => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ScimError);
            expect((error as ScimError).scimType).toBe('invalidFilter');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('the SCIM operator and binds tighter than or', () => {
    expect(parseFilter('a pr or b pr and not (c pr)')).toEqual({
      op: 'or',
      filters: [
        { op: 'pr', path: { schema: null, name: 'a' } },
        {
          op: 'and',
          filters: [
            { op: 'pr', path: { schema: null, name: 'b' } },
            { op: 'not', filter: { op: 'pr', path: { schema: null, name: 'c' } } },
          ],
        },
      ],
    });
  });

  it('names and operators of SCIM filters are case-insensitive', () => {
    expect(parseFilter('urn:ietf:params:scim:schemas:core:2.0:User:UserName Eq "a\\"\\u00e9(]"')).toEqual({
      op: 'eq',
      path: { schema: 'urn:ietf:params:scim:schemas:core:2.0:user', name: 'username' },
      value: 'a"é(]',
    });
  });

  it('a deeply nested SCIM filter is rejected before the stack overflows', () => {
    expect(() => parseFilter(`${'('.repeat(50_000)}a pr`)).toThrow(ScimError);
    expect(() => parseFilter('not (not ('.repeat(50_000))).toThrow(ScimError);
  });

  it('a long SCIM filter is parsed in linear time', () => {
    const startedAt = performance.now();
    expect(() => parseFilter(`"${'\\"'.repeat(100_000)}`)).toThrow(ScimError);
    expect(() => parseFilter(' '.repeat(200_000) + '"')).toThrow(ScimError);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('value paths', () => {
  it.each([
    ['[type eq "work"].value', 'value'],
    ['[type eq "work"]', null],
    ['[type eq "work" and primary eq true].Display', 'display'],
  ])('the SCIM value path %s has the sub-attribute %s', (text, part) => {
    expect(parseValuePath(text)).toMatchObject({ part });
  });

  it.each([
    '[',
    '[]',
    '[type eq "work"',
    '[type eq "work"]value',
    '[type eq "work"].',
    '[type eq "work"].a.b',
    '[a pr][b pr]',
  ])('the SCIM value path %s is rejected with invalidPath', (text) => {
    expect(() => parseValuePath(text)).toThrow(expect.objectContaining({ scimType: 'invalidPath' }));
  });
});
