/** The ways in that the demo shows, in the order they are shown. A further way in is a further entry. */
import type { DemoStage } from './demo-stage.js';
import type { Vendor } from './vendors.js';

export interface WayIn {
  title: string;
  /** What the caller holds and what the gateway makes of it, in half a sentence. */
  explanation: string;
  /** What is recorded as authMethod. */
  method: string;
  /** What the caller presents, where this vendor's clients put a key. Asked for once per vendor. */
  credential: (stage: DemoStage, vendor: Vendor) => string | Promise<string>;
}

export const WAYS_IN: readonly WayIn[] = [
  {
    title: 'Virtual key',
    explanation: "a key of the gateway's; the provider gets the stored key that it is mapped to",
    method: 'virtual-key',
    credential: ({ virtualKey }) => virtualKey.value,
  },
  {
    title: 'Direct provider key',
    explanation: "the caller's own key, passed on to the provider and kept nowhere",
    method: 'provider-key',
    credential: ({ provider }, vendor) => provider.issueKey(vendor),
  },
];
