import { randomBytes } from 'node:crypto';
import { SealedBox } from '../../../platform/crypto/sealed-box.js';
import { Secret } from '../../../platform/crypto/secret.js';
import { UserCodeDigest } from './user-code-digest.js';

const key = (): Secret => new Secret(randomBytes(32).toString('base64'));
const CODE = 'BCDFGHJK';

describe('UserCodeDigest', () => {
  it('a user code digest depends on the encryption key', () => {
    const [one, other] = [new SealedBox([key()]), new SealedBox([key()])];
    expect(new UserCodeDigest(one).compute(CODE)).toEqual(new UserCodeDigest(one).compute(CODE));
    expect(new UserCodeDigest(one).compute(CODE)).not.toEqual(new UserCodeDigest(other).compute(CODE));
  });

  it('a stored user code digest is found while its encryption key is configured', () => {
    const [old, fresh] = [key(), key()];
    const stored = new UserCodeDigest(new SealedBox([old])).compute(CODE);
    expect(new UserCodeDigest(new SealedBox([fresh, old])).computeAll(CODE)).toContainEqual(stored);
    expect(new UserCodeDigest(new SealedBox([fresh])).computeAll(CODE)).not.toContainEqual(stored);
  });
});
