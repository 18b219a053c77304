import { Secret } from './secret.js';
import { mintWebhookSecret, exposeOnce, buildSignedHeaders } from './webhook-signature.js';

describe('Standard Webhooks signatures', () => {
  it('the signature equals that of the published example', () => {
    const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const at = 1_614_265_330_999;
    expect(buildSignedHeaders(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}')).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('the signature depends on id, second and body', () => {
    const secret = mintWebhookSecret();
    const of = (id: string, at: number, body: string) => buildSignedHeaders(secret, id, at, body)['webhook-signature'];
    expect(new Set([of('a', 0, '{}'), of('b', 0, '{}'), of('a', 1000, '{}'), of('a', 0, '{ }')]).size).toBe(4);
  });
});

it('a webhook secret is whsec_ and 32 random bytes in base64', () => {
  const secrets = [mintWebhookSecret(), mintWebhookSecret()].map(exposeOnce);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  }
  expect(secrets[0]).not.toBe(secrets[1]);
});
