/** What a client's suite on the Model Router plays on: scripted vendors behind one virtual key. */
import type { Answer, SeenRequest } from '../../src/demo/fake-provider.js';
import { json } from '../../src/demo/fake-provider.js';
import type { Json } from './admin-client.js';
import { inTurn } from './replay.js';
import { Scenario, type Target } from './scenario.js';
import { CACHED_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS } from './vendors/scripted-vendor.js';
import { says, type Asked, type Turn, type VendorWire } from './vendors/scripted-vendor.js';

export class RouterScenario {
  private constructor(readonly scenario: Scenario) {}

  static async start(...vendors: readonly [VendorWire, ...VendorWire[]]): Promise<RouterScenario> {
    const [first, ...others] = vendors.map(({ provider }) => provider);
    return new RouterScenario(await Scenario.start(first!, ...others));
  }

  /** The router, with the virtual key that reaches all vendors unless another is named. */
  target(key: string = this.scenario.keys.virtual, proxyId = ''): Target {
    return this.scenario.target(key, { provider: 'model-router', proxyId });
  }

  /** What the vendor's model says from now on, turn by turn; the last one again and again. */
  script(vendor: VendorWire, ...turns: readonly [Turn, ...Turn[]]): void {
    const [first, ...others] = turns.map((turn) => says(vendor, turn));
    this.on(vendor, inTurn(first!, ...others));
  }

  /** The vendor refuses every call, in its own words. */
  fails(vendor: VendorWire, status: number, message: string, headers: Record<string, string> = {}): void {
    this.on(vendor, json(status, vendor.error(message), headers));
  }

  on(vendor: VendorWire, answer: Answer): void {
    this.scenario.vendor.on('POST', vendor.path, answer);
  }

  get seen(): readonly SeenRequest[] {
    return this.scenario.vendor.seen;
  }

  /** What the vendor was asked so far, oldest first. */
  asked(vendor: VendorWire): Asked[] {
    return this.seen.map((request) => vendor.asked(request));
  }

  record(): Promise<Json> {
    return this.scenario.record();
  }

  /** The newest call is on record as the router's, with the vendor's usage and its price. */
  async expectMetered(vendor: VendorWire, expected: object = {}): Promise<void> {
    const { scenario } = this;
    const name = `${vendor.provider}:${vendor.model}`;
    const providerKeyId = scenario.ids.storedKeys[vendor.provider];
    const record = await this.record();
    expect(record).toMatchObject({
      surface: 'model-router',
      authMethod: 'virtual-key',
      virtualKeyId: scenario.ids.virtualKey,
      provider: vendor.provider,
      providerKeyId,
      requestedModel: name,
      inputTokens: INPUT_TOKENS,
      cachedInputTokens: vendor.provider === 'cohere' ? 0 : CACHED_TOKENS,
      outputTokens: OUTPUT_TOKENS,
      estimated: false,
      status: 200,
      outcome: 'success',
      errorCode: null,
      attempts: [{ model: name, providerKeyId, status: 200, errorCode: null }],
      ...expected,
    });
    expect(record.costUsd).toBeGreaterThan(0);
  }

  forget(): void {
    this.scenario.forget();
  }

  close(): Promise<void> {
    return this.scenario.close();
  }
}

/** The vendor's model as the router names it. */
export const routed = ({ provider, model }: VendorWire): string => `${provider}:${model}`;
