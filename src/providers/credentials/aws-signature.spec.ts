import { signAws } from './aws-signature.js';
import type { UpstreamRequest } from '../contract/provider-adapter.js';

/** AWS publishes these examples for authors of signers, with the expected signatures. */
const EXAMPLE_KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const SCOPE = { service: 's3', region: 'us-east-1', at: new Date('2013-05-24T00:00:00Z') };

const requestOf = (more: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  origin: 'https://examplebucket.s3.amazonaws.com',
  method: 'GET',
  path: '/',
  headers: [],
  body: Buffer.alloc(0),
  ...more,
});

function headersOf({ headers }: UpstreamRequest): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i]!, headers[2 * i + 1]!]),
  );
}

describe('Signature Version 4 (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html)', () => {
  it.each([
    ['/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('the signer signs the published example GET %s', async (path, signature) => {
    const request = requestOf({ path });
    await signAws(request, EXAMPLE_KEY, SCOPE);
    expect(headersOf(request)).toEqual({
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
      'x-amz-date': '20130524T000000Z',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    });
  });

  it('the signature covers content headers and x-amz headers but not user-agent and accept', async () => {
    const headers = ['content-type', 'application/json', 'x-amz-custom', 'a', 'user-agent', 'sdk/1', 'accept', '*/*'];
    const request = requestOf({ method: 'POST', headers, body: Buffer.from('{}') });
    await signAws(request, { ...EXAMPLE_KEY, sessionToken: 'session' }, SCOPE);
    expect(headersOf(request).authorization).toContain(
      'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-custom;x-amz-date;x-amz-security-token,',
    );
    expect(headersOf(request)).toMatchObject({
      'x-amz-security-token': 'session',
      'x-amz-content-sha256': '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      'user-agent': 'sdk/1',
    });
  });

  it("a new signature replaces the headers of a client's signature", async () => {
    const headers = ['x-amz-date', '20000101T000000Z', 'x-amz-security-token', 'theirs', 'x-amz-content-sha256', 'ff'];
    const request = requestOf({ path: '/?lifecycle', headers });
    await signAws(request, EXAMPLE_KEY, SCOPE);
    expect(request.headers.filter((name) => name === 'x-amz-date')).toHaveLength(1);
    expect(headersOf(request)['x-amz-security-token']).toBeUndefined();
    expect(headersOf(request).authorization).toContain('fea454ca298b7da1');
  });

  it('a streamed upload is signed with UNSIGNED-PAYLOAD', async () => {
    const request = requestOf({ method: 'PUT', body: null });
    await signAws(request, EXAMPLE_KEY, SCOPE);
    expect(headersOf(request)['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
  });
});
