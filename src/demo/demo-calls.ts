/** The calls of the demo, made as clients make them: plain HTTP to the gateway. */
import type { DemoStage } from './demo-stage.js';
import { VENDORS, type Vendor } from './vendors.js';
import type { WayIn } from './ways-in.js';

export interface DemoCall {
  vendor: Vendor;
  /** What the caller presented. */
  credential: string;
  /** Under which the gateway recorded it. */
  id: string;
  status: number;
  /** The answer's body, as the client got it. */
  text: string;
  /** How many pieces it came in. */
  pieces: number;
}

/** By one way in: every vendor, whole and streamed. */
export async function callBy(wayIn: WayIn, stage: DemoStage): Promise<DemoCall[]> {
  const calls: DemoCall[] = [];
  for (const vendor of VENDORS) {
    const credential = await wayIn.credential(stage, vendor);
    for (const isStreamed of [false, true]) calls.push(await call(stage, vendor, credential, isStreamed));
  }
  return calls;
}

/** One call that the gateway must refuse: its key is not mapped to a key of this vendor. */
export const callUnmapped = (stage: DemoStage): Promise<DemoCall> =>
  call(stage, VENDORS[1]!, stage.narrowKey.value, false);

async function call(stage: DemoStage, vendor: Vendor, credential: string, isStreamed: boolean): Promise<DemoCall> {
  const response = await fetch(`${stage.url}/v1/${vendor.id}/${stage.proxy.id}/${vendor.path(isStreamed)}`, {
    method: 'POST',
    headers: Object.fromEntries([['content-type', 'application/json'], vendor.keyHeader(credential)]),
    body: JSON.stringify(vendor.body(isStreamed)),
  });
  const decoder = new TextDecoder();
  let text = '';
  let pieces = 0;
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    pieces++;
    text += decoder.decode(piece, { stream: true });
  }
  return { vendor, credential, id: response.headers.get('x-request-id')!, status: response.status, text, pieces };
}
