/** What the person at the terminal reads, section by section. */
import type { DemoCall } from './demo-calls.js';
import type { DemoRecord } from './demo-records.js';
import type { DemoStage } from './demo-stage.js';
import { tableHead, tableRow } from './demo-table.js';
import { TEXT } from './provider-answer.js';
import { VENDORS } from './vendors.js';
import type { WayIn } from './ways-in.js';

const names = VENDORS.map(({ name }) => name).join(', ');

export const opening = ({ url, provider, proxy }: DemoStage): string => `
  Gatehouse, a demonstration. Nothing leaves this machine and nothing is kept.

    The gateway         ${url}, with its database in memory
    The providers       ${names}: stand-ins at ${provider.fake.url}
    The admin API made  ${VENDORS.length} stored provider keys, the LLM proxy "${proxy.name}", 2 virtual keys

  Every call is an ordinary HTTP request to the gateway. Each row below is what the gateway recorded
  of one, read back from GET /api/interactions.
`;

/** The calls by one way in, and whom the gateway took the caller for. */
export function wayInSection(wayIn: WayIn, records: readonly DemoRecord[], who: (r: DemoRecord) => string): string {
  const recordedAs = [...new Set(records.map((record) => `${record.authMethod}: ${who(record)}`))];
  const rows = [tableHead(), ...records.map(tableRow)].map((line) => `    ${line}\n`).join('');
  const note = recordedAs.map((text, i) => `    ${i === 0 ? 'recorded as' : '           '}   ${text}\n`).join('');
  return `\n  ${wayIn.title}: ${wayIn.explanation}\n\n${rows}\n${note}`;
}

export function refusalSection(call: DemoCall, record: DemoRecord, who: string): string {
  const { error } = JSON.parse(call.text) as { error: { message: string } };
  return `
  Refused: a key that is not mapped to this provider

    ${tableHead()}
    ${tableRow(record)}

    recorded as   ${record.authMethod}: ${who}, ${record.errorCode}
    client told   ${wrapped(error.message, 80).join('\n                  ')}
`;
}

export function summary(records: readonly DemoRecord[], calls: readonly DemoCall[], reached: number): string {
  const cost = records.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
  const longest = Math.max(...calls.map(({ pieces }) => pieces));
  return `
  All in all

    ${calls.length} calls, ${reached} of them forwarded, US$ ${cost.toFixed(6)} at list prices (the stand-ins are free).
    Each answer said: ${TEXT}
    The streamed ones came in up to ${longest} pieces.
    No provider saw a credential of the gateway's.
`;
}

export const CLIENTS_WHILE_IT_STAYS = '\n  The same from a client of yours, while this keeps running:\n\n';
export const CLIENTS_LATER = `
  The same from a client of yours. This gateway is gone now: \`npm run demo -- --stay\` prints these
  lines for one that keeps running.

`;

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
