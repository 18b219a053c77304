/** The fidelity matrix as a page of Markdown. */
import type { Differences, Explained } from '../../support/oracle.js';
import type { GoldenCase } from '../../support/golden.js';
import { ANSWER_FEATURES, TELLS_NONE, waysOf } from './answer-features.js';
import type { ChatFeature } from './chat-feature.js';
import { CHAT_FEATURES } from './chat-features.js';
import { fateAtFront, type FrontColumn, type FrontFate } from './front-feature.js';
import { FRONTS } from './fronts.js';
import { fateOf } from './request-matrix.js';
import { COLUMNS, type VendorColumn } from './vendor-columns.js';

export interface AnswerColumn {
  vendor: string;
  cases: readonly GoldenCase[];
  differences: Differences;
  /** The package that it is compared with. */
  oracle: string;
}

const INTRODUCTION = `# What the Model Router keeps

Made by \`test/router/fidelity.spec.ts\` from what the translators do: do not edit. OpenAI, Azure OpenAI and the OpenAI-shaped
family have no column: they get the client's own bytes, with the model's name rewritten, and a member only where the vendor or
the model refuses it (\`src/providers/vendor-compatibility.ts\`).

## What is asked

| | |
|---|---|
| **kept** | the vendor's request says it |
| nearest | the vendor's request says what comes nearest to it, and \`x-gateway-dropped\` names it |
| dropped | left out, as the answer keeps its meaning, and \`x-gateway-dropped\` names it |
| refused | 400 \`unsupported_parameter\`, as the answer would be another; the number leads to what the caller is told |

Nothing else can happen: the test fails where something is lost in silence.
`;

/** The refusals' texts, numbered in the order in which they come up. */
class Refusals {
  readonly texts: string[] = [];

  numberOf(text: string): number {
    const known = this.texts.indexOf(text);
    return known < 0 ? this.texts.push(text) : known + 1;
  }
}

export function fidelityPage(answers: readonly AnswerColumn[]): string {
  const refusals = new Refusals();
  const groups = CHAT_FEATURES.map(([group, features]) => `### ${group}\n\n${requestTable(features, refusals)}`);
  return [
    INTRODUCTION,
    ...groups,
    ABOUT_FRONTS,
    ...FRONTS.map((column) => `#### From ${column.title} to Chat\n\n${frontTable(column, refusals)}`),
    `### What the caller is told\n\n${refusals.texts.map((text, i) => `${i + 1}. ${text}\n`).join('')}`,
    `## What is answered\n\n${ABOUT_ANSWERS}\n${answerTable(answers)}`,
    `## What we do otherwise than the AI SDK, and why\n\n${ABOUT_DIFFERENCES}`,
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

const ABOUT_FRONTS = `### By Responses and Messages

Where the vendor does not speak them itself, they become Chat first: what is kept there has the fate that the tables above say.
`;

function frontTable(column: FrontColumn, refusals: Refusals): string {
  const cell = (fate: FrontFate): string => {
    if (fate.kind === 'refused') return `refused (${refusals.numberOf(fate.says)})`;
    return fate.kind === 'kept' ? '**kept**' : fate.kind;
  };
  return table(
    row('', ['']),
    column.features.map((feature) => row(feature.name, [cell(fateAtFront(feature, column))])),
  );
}

const ABOUT_ANSWERS = `From the golden cases in \`test/fixtures/router\`: in whole answers, in streams, or in both; a way that is not named is not
in a case. Vertex AI answers as Gemini and Anthropic do. Every stream is also cut at every place, and tells the same.
`;

function answerTable(columns: readonly AnswerColumn[]): string {
  const cell = (name: string, { vendor, cases }: AnswerColumn): string => {
    const ways = waysOf(
      ANSWER_FEATURES.find((feature) => feature.name === name)!,
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
    ANSWER_FEATURES.map(({ name }) =>
      row(
        name,
        columns.map((column) => cell(name, column)),
      ),
    ),
  );
}

const ABOUT_DIFFERENCES = `Each request, answer and stream of the golden cases goes through the AI SDK's package for the vendor as well, and what comes
of it is compared. These are all the differences; "theirs" is the SDK's.
`;

function differenceList({ vendor, oracle, differences }: AnswerColumn): string {
  const { requests, answers, refusedByThem, unreadByThem } = differences;
  const part = (title: string, reasons: readonly string[]): string =>
    reasons.length === 0 ? '' : `\n${title}\n\n${reasons.map((reason) => `- ${reason}\n`).join('')}`;
  return (
    `### ${vendor}: ${oracle}\n` +
    part('Requests:', requests.map(difference)) +
    part('Answers:', answers.map(difference)) +
    part('Not compared:', [...cases(refusedByThem), ...cases(unreadByThem)])
  );
}

const difference = ({ at, because }: Explained): string => `\`${placeOf(at)}\`: ${sentence(because)}`;

/** The pattern as the members' path that it stands for: `messages[].content[].image_url.detail`. */
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
