import { computeChecksum, isWellFormed, mintToken, type TokenPrefix } from './token-mint.js';

const PREFIXES: TokenPrefix[] = ['arch_', 'arch_api_', 'llm_secret_', 'llm_at_', 'llm_ut_', 'llm_rt_'];

describe('the checksum', () => {
  // Made with Python's zlib.crc32 and a base62 of its own; 123456789 is the check value of CRC-32/ISO-HDLC (0xCBF43926).
  it.each([
    ['123456789', '3jZRME'],
    ['', '000000'],
    ['t12396', '000Hsg'],
    [`arch_${'A'.repeat(43)}`, '2Dzs0C'],
    [`llm_at_${'B'.repeat(43)}`, '0Tfd6B'],
  ])('of %j is %s', (text, expected) => expect(computeChecksum(text)).toBe(expected));
});

describe.each(PREFIXES)('a minted %s', (prefix) => {
  const token = mintToken(prefix).expose();

  it('is the prefix, 43 characters of base64url and 6 of checksum', () => {
    expect(token).toMatch(new RegExp(`^${prefix}[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$`));
    expect(Buffer.from(token.slice(prefix.length, -6), 'base64url')).toHaveLength(32);
    expect(isWellFormed(token, prefix)).toBe(true);
  });

  it('is well-formed no more when any one character is another', () => {
    for (let i = prefix.length; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      expect(isWellFormed(token.slice(0, i) + other + token.slice(i + 1), prefix)).toBe(false);
    }
  });

  it('is not one of another kind', () => {
    for (const other of PREFIXES) expect(isWellFormed(token, other)).toBe(other === prefix);
  });

  it('is not well-formed cut, extended or padded', () => {
    for (const changed of [token.slice(0, -1), `${token}0`, ` ${token}`, `${token}\n`, token.toUpperCase()]) {
      expect(isWellFormed(changed, prefix)).toBe(false);
    }
  });
});

describe('minting', () => {
  it('never makes the same secret twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => mintToken('arch_').expose())).size).toBe(1000);
  });
});
