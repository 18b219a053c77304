import { randomBytes } from 'node:crypto';
import { SealedBox, type SealContext } from './sealed-box.js';
import { Secret } from './secret.js';

const key = (): Secret => new Secret(randomBytes(32).toString('base64'));
const PLACE: SealContext = { table: 'provider_key', column: 'sealed', id: '42' };

describe('a sealed value', () => {
  const box = new SealedBox([key()]);
  const sealed = box.seal(new Secret('sk-proj-é'), PLACE);

  it('a sealed value opens to the original secret', () => expect(box.open(sealed, PLACE).expose()).toBe('sk-proj-é'));

  it('a value sealed by another AES-GCM implementation opens', () => {
    // Python's cryptography, AESGCM: key 00..1f, iv 64..6f, data `provider_key\0sealed\0` + `42`.
    const fixed = new SealedBox([new Secret(Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64'))]);
    const made = 's1.630dcd29.ZGVmZ2hpamtsbW5vO3DzFguGPLP9yyQAckIVCyUdg4o3B_YrWCQ';
    expect(fixed.open(made, PLACE).expose()).toBe('sk-proj-é');
  });

  it('a sealed value hides the secret and differs at each sealing', () => {
    expect(Buffer.from(sealed.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('sk-proj');
    expect(box.seal(new Secret('sk-proj-é'), PLACE)).not.toBe(sealed);
  });

  it('a sealed value does not open in another row, column or table', () => {
    expect(() => box.open(sealed, { ...PLACE, id: '43' })).toThrow();
    expect(() => box.open(sealed, { ...PLACE, column: 'other' })).toThrow();
    expect(() => box.open(sealed, { ...PLACE, table: 'other' })).toThrow();
    expect(() => box.open(sealed, { table: 'provider_key\0sealed', column: '42', id: '' })).toThrow();
  });

  it('a sealed value with one changed byte does not open', () => {
    const [version, id, text] = sealed.split('.');
    const bytes = Buffer.from(text!, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      expect(() => box.open(`${version}.${id}.${changed.toString('base64url')}`, PLACE)).toThrow();
    }
  });

  it('a truncated sealed value does not open', () => {
    const [version, id, text] = sealed.split('.');
    const bytes = Buffer.from(text!, 'base64url');
    for (const length of [0, 1, 12, 16, 27, 28, bytes.length - 1]) {
      expect(() => box.open(`${version}.${id}.${bytes.subarray(0, length).toString('base64url')}`, PLACE)).toThrow();
    }
  });

  it.each(['', 'sk-proj', 's1', 's1.', 's0.00000000.AAAA', 's1.00000000.AAAA'])(
    'the malformed sealed value %j does not open',
    (text) => {
      expect(() => box.open(text, PLACE)).toThrow();
    },
  );
});

describe('encryption keys', () => {
  const [old, current] = [key(), key()];
  const before = new SealedBox([old]).seal(new Secret('value'), PLACE);
  const rotated = new SealedBox([current, old]);

  it('every key opens values, and the first key seals', () => {
    expect(rotated.open(before, PLACE).expose()).toBe('value');
    expect(new SealedBox([current]).open(rotated.seal(new Secret('value'), PLACE), PLACE).expose()).toBe('value');
  });

  it('isCurrent recognizes values that are not sealed with the first key', () => {
    expect(rotated.isCurrent(before)).toBe(false);
    expect(rotated.isCurrent(rotated.seal(rotated.open(before, PLACE), PLACE))).toBe(true);
  });

  it('the error for a missing key contains only its id', () => {
    expect(() => new SealedBox([current]).open(before, PLACE)).toThrow(
      /^sealed with key [0-9a-f]{8}, which is not among ENCRYPTION_KEYS$/,
    );
  });

  it('the keys number at least one and have 32 bytes each', () => {
    expect(() => new SealedBox([])).toThrow();
    expect(() => new SealedBox([new Secret(randomBytes(31).toString('base64'))])).toThrow('32 bytes');
  });
});
