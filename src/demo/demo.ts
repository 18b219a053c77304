/**
 * The demo: starts a gateway, calls it with every authentication method, and shows the recorded calls. It verifies what
 * it shows, and fails if the output would be wrong.
 */
import { clientLines } from './report/client-lines.js';
import { DemoAdmin } from './actors/admin-client.js';
import { callBy, callRouted, callUnmapped, type DemoCall } from './stage/calls.js';
import { DemoDirectory } from './actors/identity-provider.js';
import { startDemoGateway, type StartGateway } from './stage/gateway.js';
import { startDemoProvider } from './providers/demo-provider.js';
import { nameRecorded, recordsOf, type DemoRecord } from './stage/records.js';
import {
  CLIENTS_LATER,
  CLIENTS_WHILE_IT_STAYS,
  doorsOf,
  opening,
  refusalSection,
  routerSection,
  summary,
  wayInSection,
} from './report/sections.js';
import type { SeenRequest } from './providers/local-server.js';
import { PIECES } from './providers/response-text.js';
import { setTheStage, type DemoStage } from './stage/setup.js';
import { WAYS_IN, type WayIn } from './stage/auth-methods.js';

/** Matches every credential that the gateway must not forward, also inside another value. */
const OURS = /arch_|llm_|eyJ/;

const print = (text: string): void => void process.stdout.write(text);

/** `stay`: keeps running until it is interrupted. Resolves with the exit code. */
export async function runDemo(stay: boolean, start: StartGateway): Promise<number> {
  print('\n  Starting …\n');
  const provider = await startDemoProvider();
  const directory = await DemoDirectory.start();
  try {
    const gateway = await startDemoGateway(start, provider.fake.url);
    try {
      const stage = await setTheStage(gateway.url, new DemoAdmin(gateway.url, gateway.adminKey), provider, directory);
      print(opening(stage));
      await play(stage);
      print((stay ? CLIENTS_WHILE_IT_STAYS : CLIENTS_LATER) + clientLines(stage));
      if (stay) {
        print(doorsOf(stage, gateway));
        await interrupted();
      }
      return 0;
    } finally {
      await gateway.close();
    }
  } finally {
    await Promise.all([provider.fake.close(), directory.close()]);
  }
}

async function play(stage: DemoStage): Promise<void> {
  const who = await nameRecorded(stage);
  const { seen } = stage.provider.fake;
  const calls: DemoCall[] = [];
  const records: DemoRecord[] = [];
  for (const wayIn of WAYS_IN) {
    const before = seen.length;
    const made = await callBy(wayIn, stage);
    const recorded = await recordsOf(made, stage);
    check(made, recorded, wayIn);
    checkKeys(made, recorded, seen.slice(before), wayIn, stage);
    print(wayInSection(wayIn, recorded, who, stage));
    calls.push(...made);
    records.push(...recorded);
  }
  const routed = await callRouted(stage);
  const routes = await recordsOf(routed, stage);
  checkAnswers(routed, 'the Model Router');
  print(routerSection(routes, stage));
  calls.push(...routed);
  records.push(...routes);
  const before = seen.length;
  const refused = await callUnmapped(stage);
  const [refusal] = await recordsOf([refused], stage);
  if (refused.status !== 400 || seen.length !== before) throw new Error('a call that must be refused was forwarded');
  print(refusalSection(refused, refusal!, who(refusal!)));
  if (seen.some(({ rawHeaders, url, body }) => OURS.test([url, ...rawHeaders, String(body)].join('\n')))) {
    throw new Error('a credential that is meant for the gateway reached the provider');
  }
  print(summary([...records, refusal!], [...calls, refused], seen.length));
}

function check(calls: readonly DemoCall[], records: readonly DemoRecord[], wayIn: WayIn): void {
  checkAnswers(calls, wayIn.method);
  const odd = records.find(({ authMethod }) => authMethod !== wayIn.method);
  if (odd) throw new Error(`a call by ${wayIn.method} was recorded as ${odd.authMethod}`);
}

function checkAnswers(calls: readonly DemoCall[], way: string): void {
  const failed = calls.find(({ status }) => status !== 200);
  if (failed) throw new Error(`a call by ${way} was answered ${failed.status}: ${failed.text}`);
  const garbled = calls.find(({ text }) => !PIECES.every((piece) => text.includes(piece)));
  if (garbled) throw new Error(`a call by ${way} did not bring the whole answer: ${garbled.text}`);
}

/** The recorded key must be the one that the authentication method implies, and the provider must have received it. */
function checkKeys(
  calls: readonly DemoCall[],
  records: readonly DemoRecord[],
  seen: readonly SeenRequest[],
  wayIn: WayIn,
  stage: DemoStage,
): void {
  calls.forEach(({ vendor, credential }, i) => {
    const expected = wayIn.key(stage, vendor);
    const [header, value] = vendor.keyHeader(expected?.value ?? credential);
    if (records[i]!.providerKeyId === (expected?.id ?? null) && seen[i]?.headers[header] === value) return;
    throw new Error(`a call to ${vendor.name} by ${wayIn.method} went with another key than it should`);
  });
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
