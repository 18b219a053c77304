import { errors } from 'undici';
import { GatewayError } from '../errors/gateway-error.js';
import { toUpstreamError } from './upstream-error.js';

const withCode = (code: string) => Object.assign(new Error('connect 10.1.2.3:443 with sk-secret'), { code });

describe('an upstream failure', () => {
  it.each([
    [new errors.ConnectTimeoutError('x'), 'upstream_timeout', 'connect_timeout'],
    [new errors.HeadersTimeoutError(), 'upstream_timeout', 'headers_timeout'],
    [new errors.BodyTimeoutError(), 'upstream_timeout', 'idle_timeout'],
    [withCode('ETIMEDOUT'), 'upstream_timeout', 'connect_timeout'],
    [withCode('ECONNREFUSED'), 'upstream_unreachable', 'connection_failed'],
    [withCode('ENOTFOUND'), 'upstream_unreachable', 'name_not_found'],
    [withCode('ECONNRESET'), 'upstream_unreachable', 'connection_lost'],
    [new errors.SocketError('other side closed'), 'upstream_unreachable', 'connection_lost'],
    [withCode('SELF_SIGNED_CERT_IN_CHAIN'), 'upstream_unreachable', 'tls_failed'],
    [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'upstream_unreachable', 'tls_failed'],
    [withCode('HPE_INVALID_CONSTANT'), 'upstream_unreachable', 'bad_response'],
    [new errors.ClientDestroyedError(), 'shutting_down', 'egress_closed'],
    ['odd', 'upstream_unreachable', 'connection_failed'],
  ])('the failure %s becomes %s with the reason %s', (error, code, reason) => {
    expect(toUpstreamError(error)).toMatchObject({ code, reason });
  });

  it('the detail of an upstream error shows neither addresses nor library messages', () => {
    const error = toUpstreamError(withCode('ECONNREFUSED'));
    expect(error.detail).not.toMatch(/10\.1|sk-secret/);
    expect(error.internal).toContain('10.1.2.3');
  });

  it('the internal message of an upstream error lists every attempted address', () => {
    const error = toUpstreamError(
      Object.assign(new AggregateError([new Error('a'), new Error('b')]), { code: 'ECONNREFUSED' }),
    );
    expect(error).toMatchObject({ reason: 'connection_failed', internal: 'a; b' });
  });

  it('a gateway error stays unchanged', () => {
    const ours = new GatewayError('upstream_timeout', 'x');
    expect(toUpstreamError(ours)).toBe(ours);
  });
});
