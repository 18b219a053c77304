import fc from 'fast-check';
import { matches } from './match.js';
import { parseFilter } from './parse.js';

const WORK = { value: 'Ada@Example.com', type: 'work', primary: true };

describe('filters on values', () => {
  it.each([
    ['type eq "WORK"', true],
    ['type ne "work"', false],
    ['primary eq true', true],
    ['primary eq "True"', true],
    ['value co "ada" and type sw "wo" and value ew ".com"', true],
    ['type eq "home" or primary eq true', true],
    ['not (type eq "work")', false],
    ['display pr', false],
    ['display eq null', true],
    ['display ne "x"', true],
    ['type gt "wor" and type le "work"', true],
    ['primary co "tr"', false],
    ['type[value pr]', false],
  ])('the SCIM filter %s matches the value: %s', (filter, expected) => {
    expect(matches(parseFilter(filter), WORK)).toBe(expected);
  });

  it('the SCIM operator eq is the opposite of ne and implies sw and co', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (held, wanted) => {
        const path = { schema: null, name: 'value' };
        const asked = (op: 'eq' | 'ne' | 'co' | 'sw') => matches({ op, path, value: wanted }, { value: held });
        expect(asked('eq')).toBe(!asked('ne'));
        if (asked('eq')) expect(asked('sw')).toBe(true);
        if (asked('sw')) expect(asked('co')).toBe(true);
      }),
    );
  });
});
