import { startGateway } from '../../support/gateway/gateway.js';

describe('metrics without METRICS_PORT', () => {
  it('without METRICS_PORT the main port serves /metrics without authentication', async () => {
    const gateway = await startGateway();
    try {
      const response = await fetch(`${gateway.url}/metrics`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(await response.text()).toContain('# TYPE gen_ai_client_operation_duration_seconds histogram');
    } finally {
      await gateway.close();
    }
  });
});
