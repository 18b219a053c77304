/** The output for the terminal, section by section. */
import type { DemoCall } from '../stage/calls.js';
import type { DemoGateway } from '../stage/gateway.js';
import { nameKey, type DemoRecord } from '../stage/records.js';
import type { DemoStage } from '../stage/setup.js';
import { formatTableHead, formatTableRow } from './table.js';
import { TEXT } from '../providers/response-text.js';
import { MODELS, OWN_KEY_VENDOR, VENDORS } from '../providers/vendors.js';
import type { DemoAuthMethod } from '../stage/auth-methods.js';

const names = VENDORS.map(({ name }) => name).join(', ');

export const formatOpening = ({ url, provider, proxy, directory }: DemoStage): string => `
  Gatehouse, a demonstration. Nothing leaves this machine and nothing is kept.

    The gateway         ${url}, with its database in memory
    The providers       ${names}: stand-ins at ${provider.fake.url}
    The identity provider is simulated too, at ${directory.issuer}
    The admin API made  ${VENDORS.length} stored provider keys, the LLM proxy "${proxy.name}", 2 virtual keys, 1 OAuth
                        client, and trust in the company's login, which knows Ada by another name
    Ada, invited, has   set a password, signed in, allowed an app, and stored a key for ${OWN_KEY_VENDOR.name}

  Every call is an ordinary HTTP request to the gateway. Each row below is what the gateway recorded
  of one, read back from GET /api/interactions.
`;

/** Describes the calls with one authentication method, the caller that the gateway identified, and the keys used. */
export function formatMethodSection(
  authentication: DemoAuthMethod,
  records: readonly DemoRecord[],
  nameCaller: (record: DemoRecord) => string,
  stage: DemoStage,
): string {
  const rows = [formatTableHead(), ...records.map(formatTableRow)].map((line) => `    ${line}\n`).join('');
  const recordedAs = [...new Set(records.map((record) => `${record.authMethod}: ${nameCaller(record)}`))];
  const keys = [...new Set(records.map((record) => nameKey(stage, record)))].join(', ');
  const origin = authentication.describeOrigin
    ? formatNote('came by', wrapText(authentication.describeOrigin(stage), NOTE_WIDTH))
    : '';
  const notes = origin + formatNote('recorded as', recordedAs) + formatNote('keys used', wrapText(keys, NOTE_WIDTH));
  return `\n  ${authentication.title}: ${authentication.explanation}\n\n${rows}\n${notes}`;
}

/** Describes the calls on the Model Router with one virtual key. */
export function formatRouterSection(records: readonly DemoRecord[], stage: DemoStage): string {
  const rows = [formatTableHead(), ...records.map(formatTableRow)].map((line) => `    ${line}\n`).join('');
  const models = VENDORS.map(({ id }) => `${id}:${MODELS[id as keyof typeof MODELS]}`).join(', ');
  const keys = [...new Set(records.map((record) => nameKey(stage, record)))].join(', ');
  const notes =
    formatNote('models asked', wrapText(models, NOTE_WIDTH)) + formatNote('keys used', wrapText(keys, NOTE_WIDTH));
  return `\n  The Model Router: one address and OpenAI's language for every model, by the virtual key\n\n${rows}\n${notes}`;
}

const NOTE_WIDTH = 80;

const formatNote = (label: string, lines: readonly string[]): string =>
  lines.map((line, i) => `    ${(i === 0 ? label : '').padEnd(14)}${line}\n`).join('');

export function formatRefusalSection(call: DemoCall, record: DemoRecord, caller: string): string {
  const { error } = JSON.parse(call.text) as { error: { message: string } };
  return `
  Refused: a key that is not mapped to this provider

    ${formatTableHead()}
    ${formatTableRow(record)}

${formatNote('recorded as', [`${record.authMethod}: ${caller}, ${record.errorCode}`])}${formatNote('client told', wrapText(error.message, NOTE_WIDTH))}`;
}

export function formatSummary(records: readonly DemoRecord[], calls: readonly DemoCall[], reached: number): string {
  const cost = records.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
  const longest = Math.max(...calls.map(({ chunkCount }) => chunkCount));
  return `
  All in all

    ${calls.length} calls, ${reached} of them forwarded, US$ ${cost.toFixed(6)} at list prices (the simulated providers are free).
    Each answer said: ${TEXT}
    The streamed ones came in up to ${longest} pieces.
    No provider saw a credential that is meant for the gateway.
`;
}

/** Lists addresses and credentials, for exploring the gateway while it keeps running. */
export const formatPagesSection = (
  { url, person }: DemoStage,
  { ownerEmail, ownerPassword, adminKey }: DemoGateway,
): string => `
  The pages, while this keeps running

    Your account        ${url}/account
    The admin API       ${url}/api/docs, where Authorize signs you in
    The owner           ${ownerEmail}, password ${ownerPassword}
    A member            ${person.email}, password ${person.password}
    For scripts         ${adminKey}

  Ctrl+C ends it.

`;

export const CLIENTS_WHILE_RUNNING = '\n  The same from a client of yours, while this keeps running:\n\n';
export const CLIENTS_AFTERWARDS = `
  The same from a client of yours. This gateway is gone now: \`npm run demo -- --stay\` prints these
  lines for one that keeps running.

`;

function wrapText(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
