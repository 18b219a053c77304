import { randomBytes } from 'node:crypto';
import { SealedBox, type SealContext } from './sealed-box.js';
import { Secret } from './secret.js';

const key = (): Secret => new Secret(randomBytes(32).toString('base64'));
const PLACE: SealContext = { table: 'provider_key', column: 'sealed', id: '42' };

describe('a sealed value', () => {
  const box = new SealedBox([key()]);
  const sealed = box.seal(new Secret('sk-proj-é'), PLACE);

  it('opens to what was sealed', () => expect(box.open(sealed, PLACE).expose()).toBe('sk-proj-é'));

  it('opens where another implementation made it', () => {
    // Python's cryptography, AESGCM: key 00..1f, iv 64..6f, data `provider_key\0sealed\0` + `42`.
    const fixed = new SealedBox([new Secret(Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64'))]);
    const made = 's1.630dcd29.ZGVmZ2hpamtsbW5vO3DzFguGPLP9yyQAckIVCyUdg4o3B_YrWCQ';
    expect(fixed.open(made, PLACE).expose()).toBe('sk-proj-é');
  });

  it('shows nothing of the secret, and is another one each time', () => {
    expect(Buffer.from(sealed.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('sk-proj');
    expect(box.seal(new Secret('sk-proj-é'), PLACE)).not.toBe(sealed);
  });

  it('does not open in another row, column or table', () => {
    expect(() => box.open(sealed, { ...PLACE, id: '43' })).toThrow();
    expect(() => box.open(sealed, { ...PLACE, column: 'other' })).toThrow();
    expect(() => box.open(sealed, { ...PLACE, table: 'other' })).toThrow();
    expect(() => box.open(sealed, { table: 'provider_key\0sealed', column: '42', id: '' })).toThrow();
  });

  it('does not open when any one byte was changed', () => {
    const [version, id, text] = sealed.split('.');
    const bytes = Buffer.from(text!, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      expect(() => box.open(`${version}.${id}.${changed.toString('base64url')}`, PLACE)).toThrow();
    }
  });

  it('does not open when it was cut short, even to nothing', () => {
    const [version, id, text] = sealed.split('.');
    const bytes = Buffer.from(text!, 'base64url');
    for (const length of [0, 1, 12, 16, 27, 28, bytes.length - 1]) {
      expect(() => box.open(`${version}.${id}.${bytes.subarray(0, length).toString('base64url')}`, PLACE)).toThrow();
    }
  });

  it.each(['', 'sk-proj', 's1', 's1.', 's0.00000000.AAAA', 's1.00000000.AAAA'])('does not open %j', (text) => {
    expect(() => box.open(text, PLACE)).toThrow();
  });
});

describe('the keys', () => {
  const [old, current] = [key(), key()];
  const before = new SealedBox([old]).seal(new Secret('value'), PLACE);
  const rotated = new SealedBox([current, old]);

  it('all open, and the first seals', () => {
    expect(rotated.open(before, PLACE).expose()).toBe('value');
    expect(new SealedBox([current]).open(rotated.seal(new Secret('value'), PLACE), PLACE).expose()).toBe('value');
  });

  it('tell which values are still to be sealed anew', () => {
    expect(rotated.isCurrent(before)).toBe(false);
    expect(rotated.isCurrent(rotated.seal(rotated.open(before, PLACE), PLACE))).toBe(true);
  });

  it('that are missing are named by their id alone', () => {
    expect(() => new SealedBox([current]).open(before, PLACE)).toThrow(
      /^sealed with key [0-9a-f]{8}, which is not among ENCRYPTION_KEYS$/,
    );
  });

  it('must be 32 bytes, and there must be one', () => {
    expect(() => new SealedBox([])).toThrow();
    expect(() => new SealedBox([new Secret(randomBytes(31).toString('base64'))])).toThrow('32 bytes');
  });
});
