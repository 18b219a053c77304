import { toCanonicalJson, computeEntryHash, computeFirstPreviousHash, type HashedEntry } from './entry-hash.js';

const ENTRY: HashedEntry = {
  id: '01977c00-0000-7000-8000-000000000001',
  createdAt: new Date('2026-01-02T03:04:05.006Z'),
  actorType: 'user',
  actorId: 'a',
  credentialId: null,
  action: 'team.update',
  targetType: 'team',
  targetId: 't',
  before: { name: 'Red', size: 1 },
  after: { size: 2, name: 'Blue' },
  requestId: 'r',
  clientAddress: '127.0.0.1',
};
const PLACE = { sequence: 7, previousHash: Buffer.alloc(32, 1) };

describe('canonical JSON (RFC 8785)', () => {
  // §3.2.3, its own example.
  it('canonical JSON orders members by UTF-16 code units', () => {
    const members = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
    expect(toCanonicalJson(members)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('canonical JSON writes numbers like ECMAScript and no spaces', () => {
    expect(toCanonicalJson([{ b: [1e21, 0.002, null], a: { d: true, c: 'x' } }])).toBe(
      '[{"a":{"c":"x","d":true},"b":[1e+21,0.002,null]}]',
    );
  });
});

describe('entry hashes', () => {
  const hash = computeEntryHash(ENTRY, PLACE).toString('hex');

  it('the entry hash does not depend on the order of members', () => {
    expect(computeEntryHash({ ...ENTRY, after: { name: 'Blue', size: 2 } }, PLACE).toString('hex')).toBe(hash);
  });

  it.each(Object.keys(ENTRY) as (keyof HashedEntry)[])('the entry hash covers %s', (member) => {
    const other = member === 'createdAt' ? new Date(0) : member === 'after' ? null : 'other';
    expect(computeEntryHash({ ...ENTRY, [member]: other }, PLACE).toString('hex')).not.toBe(hash);
  });

  it('the entry hash covers the sequence and the previous hash', () => {
    expect(computeEntryHash(ENTRY, { ...PLACE, sequence: 8 }).toString('hex')).not.toBe(hash);
    expect(computeEntryHash(ENTRY, { ...PLACE, previousHash: Buffer.alloc(32, 2) }).toString('hex')).not.toBe(hash);
  });

  it('the first previousHash differs between organizations', () => {
    expect(computeFirstPreviousHash('a')).not.toEqual(computeFirstPreviousHash('b'));
  });
});
