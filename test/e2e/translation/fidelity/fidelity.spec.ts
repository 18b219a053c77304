/**
 * No member of a Chat request is lost silently on its way to a vendor, and the fidelity matrix states its translation.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenCases } from '../../../support/translation/golden.js';
import type { Differences } from '../../../support/translation/oracle.js';
import { anthropicDifferences } from '../../../support/translation/differences/anthropic.js';
import { bedrockDifferences } from '../../../support/translation/differences/bedrock.js';
import { cohereDifferences } from '../../../support/translation/differences/cohere.js';
import { geminiDifferences } from '../../../support/translation/differences/gemini.js';
import { RESPONSE_FEATURES, TELLS_NONE, waysOf } from './response-features.js';
import { CHAT_FEATURES } from './chat-features.js';
import { type ResponseColumn, fidelityPage } from './fidelity.page.js';
import { findClientFormatFate } from './client-format-feature.js';
import { CLIENT_FORMATS } from './client-formats.js';
import { fateOf } from './request-matrix.js';
import { COLUMNS } from './vendor-columns.js';

const PAGE = join(import.meta.dirname, '../../../../docs/guides/fidelity.md');

const answers = (vendor: string, oracle: string, differences: Differences): ResponseColumn => {
  const cases = goldenCases(vendor.toLowerCase()).map(([, golden]) => golden);
  return { vendor, oracle, differences, cases };
};

const ANSWERS = [
  answers('Anthropic', '@ai-sdk/anthropic', anthropicDifferences),
  answers('Gemini', '@ai-sdk/google', geminiDifferences),
  answers('Cohere', '@ai-sdk/cohere', cohereDifferences),
  answers('Bedrock', '@ai-sdk/amazon-bedrock', bedrockDifferences),
];

const features = CHAT_FEATURES.flatMap(([, group]) => group);

it.each(COLUMNS.map((column) => [`${column.vendor} ${column.model}`, column] as const))(
  'no Chat feature is lost silently on the way to %s',
  (_name, column) => {
    const lost = features.filter((feature) => fateOf(feature, column).kind === 'lost');
    expect(lost.map(({ name }) => name)).toEqual([]);
  },
);

it.each(CLIENT_FORMATS)('no feature is lost silently on the way from $title to Chat', (column) => {
  const lost = column.features.filter((feature) => findClientFormatFate(feature, column).kind === 'lost');
  expect(lost.map(({ name }) => name)).toEqual([]);
});

it.each(ANSWERS)('every response feature of $vendor is translated or explained', ({ vendor, cases }) => {
  const silent = RESPONSE_FEATURES.filter((feature) => waysOf(feature, cases).length === 0);
  expect(silent.map(({ name }) => name)).toEqual(Object.keys(TELLS_NONE[vendor] ?? {}));
});

it('the fidelity page matches the translation (UPDATE_SNAPSHOT=1 writes it)', () => {
  const page = fidelityPage(ANSWERS);
  if (process.env.UPDATE_SNAPSHOT) writeFileSync(PAGE, page);
  expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page);
});
