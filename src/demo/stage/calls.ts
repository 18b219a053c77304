/** The calls of the demo, made as clients make them: plain HTTP to the gateway. */
import type { DemoStage } from './setup.js';
import { MODELS, QUESTION, VENDORS, type Vendor } from '../providers/vendors.js';
import type { DemoAuthMethod } from './auth-methods.js';

export interface DemoCall {
  vendor: Vendor;
  /** The credential that the caller sent. */
  credential: string;
  /** The request id in the gateway's record. */
  id: string;
  status: number;
  /** The response body, as the client received it. */
  text: string;
  /** Number of chunks that the response arrived in. */
  chunkCount: number;
}

/** Calls every vendor with one authentication method, whole and streamed. */
export async function callWithMethod(authentication: DemoAuthMethod, stage: DemoStage): Promise<DemoCall[]> {
  const calls: DemoCall[] = [];
  for (const vendor of VENDORS) {
    const credential = await authentication.getCredential(stage, vendor);
    for (const isStreamed of [false, true]) calls.push(await callProvider(stage, vendor, credential, isStreamed));
  }
  return calls;
}

/** Calls the Model Router: every vendor's model at one address, in OpenAI's format. */
export async function callModelRouter(stage: DemoStage): Promise<DemoCall[]> {
  const calls: DemoCall[] = [];
  for (const vendor of VENDORS)
    for (const isStreamed of [false, true]) calls.push(await callModel(stage, vendor, isStreamed));
  return calls;
}

function callModel(stage: DemoStage, vendor: Vendor, stream: boolean): Promise<DemoCall> {
  const model = `${vendor.id}:${MODELS[vendor.id as keyof typeof MODELS]}`;
  const messages = [{ role: 'user', content: QUESTION }];
  const path = `model-router/${stage.proxy.id}/chat/completions`;
  return send(stage, { vendor, credential: stage.virtualKey.value }, path, { model, messages, stream });
}

/** Makes one call that the gateway must refuse: its key is not mapped to a key of this vendor. */
export const callUnmapped = (stage: DemoStage): Promise<DemoCall> =>
  callProvider(stage, VENDORS[1]!, stage.narrowKey.value, false);

function callProvider(stage: DemoStage, vendor: Vendor, credential: string, isStreamed: boolean): Promise<DemoCall> {
  const path = `${vendor.id}/${stage.proxy.id}/${vendor.getPath(isStreamed)}`;
  return send(stage, { vendor, credential }, path, vendor.buildBody(isStreamed));
}

/** `path`: below `/v1/`. */
async function send(
  stage: DemoStage,
  { vendor, credential }: Pick<DemoCall, 'vendor' | 'credential'>,
  path: string,
  body: object,
): Promise<DemoCall> {
  const [header, value] = path.startsWith('model-router/')
    ? ['authorization', `Bearer ${credential}`]
    : vendor.buildKeyHeader(credential);
  const response = await fetch(`${stage.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [header]: value },
    body: JSON.stringify(body),
  });
  const decoder = new TextDecoder();
  let text = '';
  let chunkCount = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunkCount++;
    text += decoder.decode(chunk, { stream: true });
  }
  return {
    vendor,
    credential,
    id: response.headers.get('x-request-id')!,
    status: response.status,
    text,
    chunkCount: chunkCount,
  };
}
