/** Detectors that run in this process. A new one is its own file and one line here. */
import { creditCardDetector } from './credit-card.detector.js';
import type { Detector } from './detector.js';
import { emailDetector } from './email.detector.js';
import { ibanDetector } from './iban.detector.js';
import { createPatternDetector } from './pattern.detector.js';
import { phoneDetector } from './phone.detector.js';
import { privateKeyDetector } from './private-key.detector.js';
import { secretDetector } from './secret.detector.js';
import { usSsnDetector } from './us-ssn.detector.js';

/** By id. The ids are part of the admin API. */
export const BUILT_IN_DETECTORS = {
  credit_card: creditCardDetector,
  email: emailDetector,
  phone: phoneDetector,
  iban: ibanDetector,
  us_ssn: usSsnDetector,
  private_key: privateKeyDetector,
  secret: secretDetector,
} satisfies Readonly<Record<string, Detector>>;

export type BuiltInDetectorId = keyof typeof BUILT_IN_DETECTORS;

export const BUILT_IN_DETECTOR_IDS = Object.keys(BUILT_IN_DETECTORS) as readonly BuiltInDetectorId[];

/** What a guardrail states of its detector. */
interface DetectorChoice {
  /** Name of the guardrail. */
  readonly name: string;
  readonly detector: BuiltInDetectorId | 'pattern';
  readonly pattern?: string | null;
}

export const getDetector = ({ name, detector, pattern }: DetectorChoice): Detector =>
  detector === 'pattern' ? createPatternDetector(name, pattern ?? '') : BUILT_IN_DETECTORS[detector];
