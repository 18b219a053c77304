/** The fidelity matrix as a page of Markdown. */
import type { Differences, Explained } from '../../../support/translation/oracle.js';
import type { GoldenCase } from '../../../support/translation/golden.js';
import { RESPONSE_FEATURES, TELLS_NONE, waysOf } from './response-features.js';
import type { ChatFeature } from './chat-feature.js';
import { CHAT_FEATURES } from './chat-features.js';
import { findClientFormatFate, type ClientFormatColumn, type ClientFormatFate } from './client-format-feature.js';
import { CLIENT_FORMATS } from './client-formats.js';
import { fateOf } from './request-matrix.js';
import { COLUMNS, type VendorColumn } from './vendor-columns.js';

export interface ResponseColumn {
  vendor: string;
  cases: readonly GoldenCase[];
  differences: Differences;
  /** The package that it is compared with. */
  oracle: string;
}

const INTRODUCTION = `# Fidelity of the Model Router

The [Model Router](model-router.md) translates requests for Anthropic, Gemini, Vertex AI, Cohere and Bedrock. These tables show for each part of a request and of a response whether it survives. A test generates this page from the translators; do not edit it.

OpenAI, Azure OpenAI and the OpenAI-compatible providers have no column. They receive the bytes of the client with the model name rewritten. A member is changed only where the vendor or the model refuses it ([table](../../src/providers/adapters/openai-compatible/vendor-compatibility.ts)).

## Requests

| | |
|---|---|
| **kept** | The vendor's request has it. |
| nearest | The vendor's request has the nearest equivalent, and \`x-gateway-dropped\` names the part. |
| dropped | The part is left out because the response keeps its meaning, and \`x-gateway-dropped\` names it. |
| refused | 400 \`unsupported_parameter\`, because the response would change. The number refers to the [message](#messages-of-refusals). |

Every part has one of these outcomes. The test fails if a part is lost silently.
`;

/** The texts of refusals, numbered in order of occurrence. */
class Refusals {
  readonly texts: string[] = [];

  numberOf(text: string): number {
    const known = this.texts.indexOf(text);
    return known < 0 ? this.texts.push(text) : known + 1;
  }
}

export function fidelityPage(answers: readonly ResponseColumn[]): string {
  const refusals = new Refusals();
  const groups = CHAT_FEATURES.map(([group, features]) => `### ${group}\n\n${requestTable(features, refusals)}`);
  return [
    INTRODUCTION,
    ...groups,
    ABOUT_CLIENT_FORMATS,
    ...CLIENT_FORMATS.map((column) => `#### From ${column.title} to Chat\n\n${clientFormatTable(column, refusals)}`),
    `### Messages of refusals\n\n${refusals.texts.map((text, i) => `${i + 1}. ${text}\n`).join('')}`,
    `## Responses\n\n${ABOUT_RESPONSES}\n${responseTable(answers)}`,
    `## Differences from the AI SDK\n\n${ABOUT_DIFFERENCES}`,
    ...answers.map(differenceList),
  ].join('\n');
}

function requestTable(features: readonly ChatFeature[], refusals: Refusals): string {
  const head = row(
    '',
    COLUMNS.map(({ vendor, model }) => `${vendor}<br>\`${model}\``),
  );
  return table(
    head,
    features.map((feature) =>
      row(
        feature.name,
        COLUMNS.map((column) => requestCell(feature, column, refusals)),
      ),
    ),
  );
}

function requestCell(feature: ChatFeature, column: VendorColumn, refusals: Refusals): string {
  const fate = fateOf(feature, column);
  if (fate.kind === 'refused') return `refused (${refusals.numberOf(fate.says)})`;
  if (fate.kind === 'dropped' || fate.kind === 'lost') return fate.kind;
  const note = feature.note?.(fate.wire, column) ?? '';
  return (fate.kind === 'kept' ? '**kept**' : fate.kind) + (note && `, ${note}`);
}

const ABOUT_CLIENT_FORMATS = `### Responses and Messages requests

If the vendor does not support these formats itself, the router first translates them to Chat Completions. Parts that are kept there then have the outcome of the tables above.
`;

function clientFormatTable(column: ClientFormatColumn, refusals: Refusals): string {
  const cell = (fate: ClientFormatFate): string => {
    if (fate.kind === 'refused') return `refused (${refusals.numberOf(fate.says)})`;
    return fate.kind === 'kept' ? '**kept**' : fate.kind;
  };
  return table(
    row('', ['']),
    column.features.map((feature) => row(feature.name, [cell(findClientFormatFate(feature, column))])),
  );
}

const ABOUT_RESPONSES = `Each cell names where recorded vendor responses show the part: in whole responses, in streams, or in both. Vertex AI responds as Gemini and Anthropic do.
`;

function responseTable(columns: readonly ResponseColumn[]): string {
  const cell = (name: string, { vendor, cases }: ResponseColumn): string => {
    const ways = waysOf(
      RESPONSE_FEATURES.find((feature) => feature.name === name)!,
      cases,
    );
    return ways.length > 0 ? ways.join(', ') : `– (${TELLS_NONE[vendor]?.[name] ?? 'no case'})`;
  };
  const head = row(
    '',
    columns.map(({ vendor }) => vendor),
  );
  return table(
    head,
    RESPONSE_FEATURES.map(({ name }) =>
      row(
        name,
        columns.map((column) => cell(name, column)),
      ),
    ),
  );
}

const ABOUT_DIFFERENCES = `Each recorded request, response and stream also runs through the AI SDK's package for the vendor, and a test compares the results. These are all differences; "theirs" refers to the SDK.
`;

function differenceList({ vendor, oracle, differences }: ResponseColumn): string {
  const { requests, answers, refusedByThem, unreadByThem } = differences;
  const part = (title: string, reasons: readonly string[]): string =>
    reasons.length === 0 ? '' : `\n${title}\n\n${reasons.map((reason) => `- ${reason}\n`).join('')}`;
  return (
    `### ${vendor}: ${oracle}\n` +
    part('Requests:', requests.map(difference)) +
    part('Responses:', answers.map(difference)) +
    part('Not compared:', [...cases(refusedByThem), ...cases(unreadByThem)])
  );
}

const difference = ({ at, because }: Explained): string => `\`${placeOf(at)}\`: ${sentence(because)}`;

/** Converts the pattern to the members' path: `messages[].content[].image_url.detail`. */
const placeOf = ({ source }: RegExp): string =>
  source
    .replace(/^\^|\$$|\$(?=\|)|(?<=\|)\^|\?:|\(\?:\\\.\w+(?:\|\\\.\w+)*\)\?/g, '')
    .replaceAll(/\\\[(?:\\d\+?|\d|\[[\d-]+\])\\\]/g, '[]')
    .replaceAll('\\S+', '…')
    .replace(/^\\\./, '')
    .replaceAll('\\', '')
    .replaceAll('|', ' or ');

const cases = (reasons: Readonly<Record<string, string>>): string[] =>
  Object.entries(reasons).map(([file, reason]) => `\`${file.replace('.json', '')}\`: ${sentence(reason)}`);

const sentence = (reason: string): string => reason.replace(/\.?$/, '.').replaceAll('*', '\\*');

const row = (name: string, cells: readonly string[]): string => `| ${name} | ${cells.join(' | ')} |\n`;

const table = (head: string, rows: readonly string[]): string =>
  head + `${'|---'.repeat(head.split(' | ').length)}|\n` + rows.join('');
