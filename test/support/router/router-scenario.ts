/** The setup of client suites on the Model Router: scripted vendors behind one virtual key. */
import type { Responder, ReceivedRequest } from '../providers/fake-provider.js';
import { json } from '../providers/fake-provider.js';
import type { Json } from '../http/admin-client.js';
import { inTurn } from '../providers/recorded-responses.js';
import { Scenario, type Target } from '../gateway/scenario.js';
import { CACHED_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS } from './scripted-vendor.js';
import { says, type VendorRequest, type Turn, type VendorWire } from './scripted-vendor.js';

export class RouterScenario {
  private constructor(readonly scenario: Scenario) {}

  static async start(...vendors: readonly [VendorWire, ...VendorWire[]]): Promise<RouterScenario> {
    const [first, ...others] = vendors.map(({ provider }) => provider);
    return new RouterScenario(await Scenario.start(first!, ...others));
  }

  /** Returns the router, with the virtual key that reaches all vendors unless another is named. */
  target(key: string = this.scenario.keys.virtual, proxyId = ''): Target {
    return this.scenario.target(key, { provider: 'model-router', proxyId });
  }

  /** Sets the script of the vendor's model, turn by turn; the last turn repeats. */
  script(vendor: VendorWire, ...turns: readonly [Turn, ...Turn[]]): void {
    const [first, ...others] = turns.map((turn) => says(vendor, turn));
    this.on(vendor, inTurn(first!, ...others));
  }

  /** Lets the vendor refuse every call, in its own format. */
  fails(vendor: VendorWire, status: number, message: string, headers: Record<string, string> = {}): void {
    this.on(vendor, json(status, vendor.error(message), headers));
  }

  on(vendor: VendorWire, answer: Responder): void {
    this.scenario.vendor.on('POST', vendor.path, answer);
  }

  get seen(): readonly ReceivedRequest[] {
    return this.scenario.vendor.received;
  }

  /** Returns the vendor's requests so far, oldest first. */
  requests(vendor: VendorWire): VendorRequest[] {
    return this.seen.map((request) => vendor.asked(request));
  }

  record(): Promise<Json> {
    return this.scenario.record();
  }

  /** Expects that the newest call is recorded as the router's, with the vendor's usage and its price. */
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

/** Returns the router's name for the vendor's model. */
export const routed = ({ provider, model }: VendorWire): string => `${provider}:${model}`;
