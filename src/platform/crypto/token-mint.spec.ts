import { computeChecksum, isWellFormed, mintToken, type TokenPrefix } from './token-mint.js';

const PREFIXES: TokenPrefix[] = ['arch_', 'arch_api_', 'llm_secret_', 'llm_at_', 'llm_ut_', 'llm_rt_'];

describe('the token checksum', () => {
  // Made with Python's zlib.crc32 and a base62 of its own; 123456789 is the check value of CRC-32/ISO-HDLC (0xCBF43926).
  it.each([
    ['123456789', '3jZRME'],
    ['', '000000'],
    ['t12396', '000Hsg'],
    [`arch_${'A'.repeat(43)}`, '2Dzs0C'],
    [`llm_at_${'B'.repeat(43)}`, '0Tfd6B'],
  ])('the checksum of %j is %s', (text, expected) => expect(computeChecksum(text)).toBe(expected));
});

describe.each(PREFIXES)('a minted %s token', (prefix) => {
  const token = mintToken(prefix).expose();

  it(`a minted ${prefix} token has 43 characters of base64url and a checksum of 6`, () => {
    expect(token).toMatch(new RegExp(`^${prefix}[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$`));
    expect(Buffer.from(token.slice(prefix.length, -6), 'base64url')).toHaveLength(32);
    expect(isWellFormed(token, prefix)).toBe(true);
  });

  it(`a minted ${prefix} token with one changed character is not well-formed`, () => {
    for (let i = prefix.length; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      expect(isWellFormed(token.slice(0, i) + other + token.slice(i + 1), prefix)).toBe(false);
    }
  });

  it(`a minted ${prefix} token is not well-formed for other prefixes`, () => {
    for (const other of PREFIXES) expect(isWellFormed(token, other)).toBe(other === prefix);
  });

  it(`a minted ${prefix} token is not well-formed when cut, extended or padded`, () => {
    for (const changed of [token.slice(0, -1), `${token}0`, ` ${token}`, `${token}\n`, token.toUpperCase()]) {
      expect(isWellFormed(changed, prefix)).toBe(false);
    }
  });
});

describe('token minting', () => {
  it('minting never gives the same token twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => mintToken('arch_').expose())).size).toBe(1000);
  });
});
