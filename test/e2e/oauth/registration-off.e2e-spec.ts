/** With OAUTH_DCR=off only clients registered by an administrator are accepted. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import { LibraryApps } from '../../support/oauth/openid-client-app.js';
import { headingOf } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const insecure = { [oauth.allowInsecureRequests]: true };

describe('OAUTH_DCR=off', () => {
  let stage: Stage;
  let apps: LibraryApps;
  beforeAll(async () => {
    stage = await startStage({ OAUTH_DCR: 'off' });
    apps = new LibraryApps(stage);
  });
  afterAll(() => stage.close());

  it.each(['oidc', 'oauth2'] as const)(
    'the metadata with OAUTH_DCR=off has no registration_endpoint (%s)',
    async (algorithm) => {
      const found = await oauth.discoveryRequest(apps.issuer, { algorithm, ...insecure });
      const server = await oauth.processDiscoveryResponse(apps.issuer, found);
      expect(server).not.toHaveProperty('registration_endpoint');
      expect(server.client_id_metadata_document_supported ?? false).toBe(false);
    },
  );

  it('the registration endpoint with OAUTH_DCR=off responds 404', async () => {
    const { status } = await apps.oauth.register();
    expect(status).toBe(404);
    expect(await stage.sql('SELECT 1 FROM oauth_client')).toEqual([]);
  });

  it('a client_id URL with OAUTH_DCR=off is rejected without a fetch', async () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    try {
      const clientId = `https://127.0.0.1:${(listener.address() as AddressInfo).port}/app.json`;
      const { url } = await apps.begin(await apps.configure({ clientId }));
      const place = await apps.oauth.browser().go(url);
      expect([place.status, place.url.origin, headingOf(place.html)]).toEqual([
        400,
        stage.gateway.url,
        'This did not work',
      ]);
      expect(connections).toBe(0);
    } finally {
      await new Promise((resolve) => listener.close(resolve));
    }
  });

  it('clients of the organization work with OAUTH_DCR=off', async () => {
    const person = await apps.newcomer();
    const tokens = await apps.authorize(await apps.configure(await apps.app()), { person });
    await apps.expectServed(tokens.access_token);
  });
});
