import type { BuiltInDetectorId, DetectingGuardrail } from '../../../orgs/llm-proxies/policy/guardrail.js';
import { creditCardDetector } from './credit-card.detector.js';
import type { Detector } from './detector.js';
import { emailDetector } from './email.detector.js';
import { ibanDetector } from './iban.detector.js';
import { createPatternDetector } from './pattern.detector.js';
import { phoneDetector } from './phone.detector.js';
import { privateKeyDetector } from './private-key.detector.js';
import { secretDetector } from './secret.detector.js';
import { usSsnDetector } from './us-ssn.detector.js';

const BUILT_IN: Readonly<Record<BuiltInDetectorId, Detector>> = {
  credit_card: creditCardDetector,
  email: emailDetector,
  phone: phoneDetector,
  iban: ibanDetector,
  us_ssn: usSsnDetector,
  private_key: privateKeyDetector,
  secret: secretDetector,
};

export const getDetector = ({ name, detector, pattern }: DetectingGuardrail): Detector =>
  detector === 'pattern' ? createPatternDetector(name, pattern ?? '') : BUILT_IN[detector];
