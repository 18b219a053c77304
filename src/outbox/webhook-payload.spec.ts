import { MAX_PAYLOAD_BYTES, buildWebhookPayload } from './webhook-payload.js';

const AT = Date.UTC(2030, 0, 31, 12);
const limit = {
  limitId: 'l',
  entityType: 'team',
  entityId: 't',
  limitType: 'tokens',
  limitValue: 10,
  window: '1d',
  model: [] as string[],
};

describe('webhook payloads', () => {
  it('a webhook payload has type, timestamp and data', () => {
    const payload = buildWebhookPayload('limit.exceeded', { ...limit, used: 10 }, AT);
    expect(JSON.parse(payload)).toEqual({
      type: 'limit.exceeded',
      timestamp: '2030-01-31T12:00:00.000Z',
      data: { ...limit, used: 10 },
    });
  });

  it('a webhook payload truncates long texts and lists and leaves no lone surrogates', () => {
    const name = 'é'.repeat(499) + '😀';
    const { data } = JSON.parse(
      buildWebhookPayload('credential.revoked', { credentialType: 'virtual_key', id: 'k', name }, AT),
    );
    expect(data.name).toBe('é'.repeat(499) + '\ufffd');
    const many = Array.from({ length: 200 }, (_, i) => `m${i}`);
    expect(
      JSON.parse(buildWebhookPayload('limit.exceeded', { ...limit, model: many, used: 1 }, AT)).data.model,
    ).toHaveLength(50);
  });

  it('a webhook payload never exceeds MAX_PAYLOAD_BYTES', () => {
    const model = Array.from({ length: 50 }, () => '\u0001'.repeat(500));
    const payload = buildWebhookPayload('limit.exceeded', { ...limit, model, used: 1 }, AT);
    expect(payload.length).toBeLessThan(MAX_PAYLOAD_BYTES);
    expect(JSON.parse(payload)).toMatchObject({ type: 'limit.exceeded', data: { isTruncated: true } });
  });
});
