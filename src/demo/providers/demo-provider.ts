/** A substitute for all providers: like the vendors, it accepts only keys that it has issued. */
import { randomBytes } from 'node:crypto';
import { LocalServer, respondJson } from './local-server.js';
import { VENDORS, type Vendor } from './vendors.js';

export interface DemoProvider {
  fake: LocalServer;
  /** Issues a new key that the vendor accepts from now on. */
  issueKey(vendor: Vendor): string;
}

export async function startDemoProvider(): Promise<DemoProvider> {
  const fake = await LocalServer.start();
  const issued = new Set<string>();
  for (const vendor of VENDORS) {
    fake.on('POST', vendor.requestPath, (request, response) => {
      const isKnown = [...issued].some((key) => {
        const [name, value] = vendor.buildKeyHeader(key);
        return request.headers[name] === value;
      });
      return (isKnown ? vendor.respond : respondWrongKey)(request, response);
    });
  }
  const issueKey = ({ id }: Vendor): string => {
    const key = `sk-demo-${id}-${randomBytes(18).toString('base64url')}`;
    issued.add(key);
    return key;
  };
  return { fake, issueKey };
}

const respondWrongKey = respondJson(401, {
  error: { message: 'The demo provider does not know this key.', type: 'authentication_error' },
});
