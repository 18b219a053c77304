/**
 * The demo: starts a gateway, calls it with every authentication method, and shows the recorded calls. It verifies what
 * it shows, and fails if the output would be wrong.
 */
import { formatClientLines } from './report/client-lines.js';
import { DemoAdmin } from './actors/admin-client.js';
import { callWithMethod, callModelRouter, callUnmapped, type DemoCall } from './stage/calls.js';
import { DemoIdentityProvider } from './actors/identity-provider.js';
import { startDemoGateway, type StartGateway } from './stage/gateway.js';
import { startDemoProvider } from './providers/demo-provider.js';
import { createCallerNaming, readRecords, type DemoRecord } from './stage/records.js';
import {
  CLIENTS_AFTERWARDS,
  CLIENTS_WHILE_RUNNING,
  formatPagesSection,
  formatOpening,
  formatRefusalSection,
  formatRouterSection,
  formatSummary,
  formatMethodSection,
} from './report/sections.js';
import type { ReceivedRequest } from './providers/local-server.js';
import { TEXT_CHUNKS } from './providers/response-text.js';
import { createStage, type DemoStage } from './stage/setup.js';
import { DEMO_AUTH_METHODS, type DemoAuthMethod } from './stage/auth-methods.js';

/** Matches every credential that the gateway must not forward, also inside another value. */
const GATEWAY_CREDENTIAL = /arch_|llm_|eyJ/;

const print = (text: string): void => void process.stdout.write(text);

/** `stay`: keeps running until it is interrupted. Resolves with the exit code. */
export async function runDemo(stay: boolean, start: StartGateway): Promise<number> {
  print('\n  Starting …\n');
  const provider = await startDemoProvider();
  const directory = await DemoIdentityProvider.start();
  try {
    const gateway = await startDemoGateway(start, provider.fake.url);
    try {
      const stage = await createStage(gateway.url, new DemoAdmin(gateway.url, gateway.adminKey), provider, directory);
      print(formatOpening(stage));
      await runCalls(stage);
      print((stay ? CLIENTS_WHILE_RUNNING : CLIENTS_AFTERWARDS) + formatClientLines(stage));
      if (stay) {
        print(formatPagesSection(stage, gateway));
        await waitForInterrupt();
      }
      return 0;
    } finally {
      await gateway.close();
    }
  } finally {
    await Promise.all([provider.fake.close(), directory.close()]);
  }
}

async function runCalls(stage: DemoStage): Promise<void> {
  const nameCaller = await createCallerNaming(stage);
  const { received } = stage.provider.fake;
  const calls: DemoCall[] = [];
  const records: DemoRecord[] = [];
  for (const authentication of DEMO_AUTH_METHODS) {
    const before = received.length;
    const completed = await callWithMethod(authentication, stage);
    const recorded = await readRecords(completed, stage);
    checkMethod(completed, recorded, authentication);
    checkKeys(completed, recorded, received.slice(before), authentication, stage);
    print(formatMethodSection(authentication, recorded, nameCaller, stage));
    calls.push(...completed);
    records.push(...recorded);
  }
  const routed = await callModelRouter(stage);
  const routes = await readRecords(routed, stage);
  checkResponses(routed, 'the Model Router');
  print(formatRouterSection(routes, stage));
  calls.push(...routed);
  records.push(...routes);
  const before = received.length;
  const refused = await callUnmapped(stage);
  const [refusal] = await readRecords([refused], stage);
  if (refused.status !== 400 || received.length !== before)
    throw new Error('a call that must be refused was forwarded');
  print(formatRefusalSection(refused, refusal!, nameCaller(refusal!)));
  if (
    received.some(({ rawHeaders, url, body }) => GATEWAY_CREDENTIAL.test([url, ...rawHeaders, String(body)].join('\n')))
  ) {
    throw new Error('a credential that is meant for the gateway reached the provider');
  }
  print(formatSummary([...records, refusal!], [...calls, refused], received.length));
}

function checkMethod(calls: readonly DemoCall[], records: readonly DemoRecord[], authentication: DemoAuthMethod): void {
  checkResponses(calls, authentication.method);
  const mismatch = records.find(({ authMethod }) => authMethod !== authentication.method);
  if (mismatch) throw new Error(`a call by ${authentication.method} was recorded as ${mismatch.authMethod}`);
}

function checkResponses(calls: readonly DemoCall[], method: string): void {
  const failed = calls.find(({ status }) => status !== 200);
  if (failed) throw new Error(`a call by ${method} was answered ${failed.status}: ${failed.text}`);
  const garbled = calls.find(({ text }) => !TEXT_CHUNKS.every((chunk) => text.includes(chunk)));
  if (garbled) throw new Error(`a call by ${method} did not bring the whole answer: ${garbled.text}`);
}

/** The recorded key must be the one that the authentication method implies, and the provider must have received it. */
function checkKeys(
  calls: readonly DemoCall[],
  records: readonly DemoRecord[],
  received: readonly ReceivedRequest[],
  authentication: DemoAuthMethod,
  stage: DemoStage,
): void {
  calls.forEach(({ vendor, credential }, i) => {
    const expected = authentication.getKey(stage, vendor);
    const [header, value] = vendor.buildKeyHeader(expected?.value ?? credential);
    if (records[i]!.providerKeyId === (expected?.id ?? null) && received[i]?.headers[header] === value) return;
    throw new Error(`a call to ${vendor.name} by ${authentication.method} went with another key than it should`);
  });
}

const waitForInterrupt = (): Promise<void> =>
  new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
