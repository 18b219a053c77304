import { Secret } from '../../platform/crypto/secret.js';
import { bedrock } from './bedrock.provider.js';
import type { UpstreamRequest } from '../contract/provider-adapter.js';

const ACCESS_KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const secretOf = (value: unknown) => new Secret(typeof value === 'string' ? value : JSON.stringify(value));

async function authorised(secret: unknown, origin: string, path: string): Promise<UpstreamRequest> {
  const request = { origin, method: 'GET', path, headers: ['x-amz-security-token', 'x'], body: Buffer.alloc(0) };
  await bedrock.authorize(request, secretOf(secret));
  return request;
}

const scopeOf = ({ headers }: UpstreamRequest) =>
  /Credential=\w+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/
    .exec(headers[headers.indexOf('authorization') + 1]!)
    ?.slice(1);

describe('stored keys for Bedrock', () => {
  it.each([
    ['ABSKQmVkcm9ja0FQSUtleS1abc'],
    [ACCESS_KEY],
    [`  ${JSON.stringify({ ...ACCESS_KEY, sessionToken: 'FwoGZXIvYXdzE=', region: 'eu-central-1' }, null, 2)}\n`],
  ])('the Bedrock key %j is accepted', (secret) => {
    expect(bedrock.findSecretProblem!(secretOf(secret))).toBeNull();
  });

  it.each([
    ['{"accessKeyId":', /not valid JSON/],
    [{ accessKeyId: ACCESS_KEY.accessKeyId }, /no secretAccessKey/],
    [{ ...ACCESS_KEY, region: 'evil.example/x' }, /region must be/],
    [{ ...ACCESS_KEY, secretAccessKey: 'two words' }, /secretAccessKey does not look/],
    [{ ...ACCESS_KEY, sessionToken: 7 }, /sessionToken does not look/],
    [{ ...ACCESS_KEY, profile: 'x' }, /a member that is none of/],
    ['AKIAIOSFODNN7EXAMPLE', /access key id alone/],
    ['two words', /white space/],
  ])('the Bedrock key %j is refused without being quoted', (secret, says) => {
    const problem = bedrock.findSecretProblem!(secretOf(secret))!;
    expect(problem).toMatch(says);
    for (const part of ['AKIAIOSFODNN7EXAMPLE', 'wJalr', 'evil', 'two words']) expect(problem).not.toContain(part);
  });

  it('a Bedrock key is recognized by the end of its access key id or bearer key', () => {
    expect(bedrock.readLast4!(secretOf(ACCESS_KEY))).toBe('MPLE');
    expect(bedrock.readLast4!(secretOf('ABSKQmVkcm9ja0FQ'))).toBe('a0FQ');
  });

  it('a damaged stored Bedrock key fails the call instead of being sent as a bearer key', () => {
    expect(() => bedrock.authorize({ headers: [] } as never, secretOf('{"a":1}'))).toThrow(/cannot be used/);
  });
});

describe('destinations of Bedrock calls', () => {
  const RUNTIME = 'https://bedrock-runtime.us-east-1.amazonaws.com';
  const CALL = '/model/amazon.nova-pro-v1%3A0/converse';

  it.each([
    [
      'the base URL, which sets the region',
      ACCESS_KEY,
      'https://bedrock-runtime.eu-west-3.amazonaws.com',
      CALL,
      null,
      'eu-west-3',
    ],
    [
      'the region of the key',
      { ...ACCESS_KEY, region: 'eu-west-1' },
      RUNTIME,
      CALL,
      'https://bedrock-runtime.eu-west-1.amazonaws.com',
      'eu-west-1',
    ],
    [
      'the control plane for model lists',
      ACCESS_KEY,
      RUNTIME,
      '/foundation-models',
      'https://bedrock.us-east-1.amazonaws.com',
      'us-east-1',
    ],
    [
      'the control plane with FIPS',
      ACCESS_KEY,
      'https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com',
      '/inference-profiles?type=SYSTEM_DEFINED',
      'https://bedrock-fips.us-gov-west-1.amazonaws.com',
      'us-gov-west-1',
    ],
    [
      'a private endpoint, which sets the region',
      ACCESS_KEY,
      'https://vpce-0a-1b.bedrock-runtime.ap-south-1.vpce.amazonaws.com',
      '/foundation-models',
      null,
      'ap-south-1',
    ],
    [
      'another host, with the region of the key',
      { ...ACCESS_KEY, region: 'eu-west-1' },
      'http://127.0.0.1:9001',
      '/foundation-models',
      null,
      'eu-west-1',
    ],
    [
      'a host that only resembles AWS, with the default region',
      ACCESS_KEY,
      'https://bedrock-runtime.eu-west-1.amazonaws.com.evil.example',
      CALL,
      null,
      'us-east-1',
    ],
  ])('a Bedrock call goes to %s', async (_what, secret, origin, path, moved, region) => {
    const request = await authorised(secret, origin, path);
    expect(request.origin).toBe(moved ?? origin);
    expect(request.path).toBe(path);
    expect(scopeOf(request)).toEqual([region, 'bedrock']);
  });

  it('a bearer key reaches the control plane without a signature', async () => {
    const request = await authorised('ABSKexample', RUNTIME, '/foundation-models');
    expect(request.origin).toBe('https://bedrock.us-east-1.amazonaws.com');
    expect(request.headers).toEqual(['authorization', 'Bearer ABSKexample']);
  });
});
