import { readFileSync } from 'node:fs';
import { callRecord } from '../../../test/support/gateway/call-record.js';
import { FULL_COLUMNS } from '../interactions/interaction-view.js';
import { toColumnName } from './column.js';
import { INSERT_INTERACTIONS, toJsonRow } from './interaction-insert.js';
import { COLUMNS, EMPTY_RECORD } from './interaction-record.js';

const OPENAPI = new URL('../../../test/architecture/openapi.json', import.meta.url);
/** Fields of the view that other tables hold. */
const OF_OTHER_TABLES = ['oauthClientName', 'isContentKept'];

describe('the table of columns of the interaction record', () => {
  it('has exactly the columns that the API documents, apart from the hidden ones', () => {
    const document = JSON.parse(readFileSync(OPENAPI, 'utf8'));
    const documented = Object.keys(document.components.schemas.InteractionView.properties);
    expect([...FULL_COLUMNS.map(({ name }) => name), ...OF_OTHER_TABLES].sort()).toEqual(documented.sort());
  });

  it('yields a JSON row whose members are columns of the INSERT, without those that are NULL', () => {
    const usage = { inputTokens: 5, cachedInputTokens: 1, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 0 };
    const record = callRecord({ usage, createdAt: 0, clientName: 'openai-sdk', firstByteMs: 0 });
    const row = JSON.parse(toJsonRow(record));
    expect(row).toEqual({
      id: record.id,
      created_at: '1970-01-01T00:00:00.000Z',
      request_id: record.id,
      surface: 'provider-route',
      provider: 'openai',
      operation: 'chat',
      method: 'POST',
      path: 'chat/completions',
      input_tokens: 5,
      cached_input_tokens: 1,
      cache_write_tokens: 0,
      output_tokens: 7,
      reasoning_tokens: 0,
      estimated: false,
      billing: 'metered',
      duration_ms: 1,
      first_byte_ms: 0,
      streaming: false,
      status: 200,
      outcome: 'success',
      client_name: 'openai-sdk',
      client_address: '127.0.0.1',
    });
    for (const member of Object.keys(row)) expect(INSERT_INTERACTIONS).toMatch(new RegExp(`\\b${member} \\w`));
  });

  it('names a column as its member, in snake case', () => {
    expect(Object.keys(COLUMNS).map(toColumnName)).toEqual(expect.arrayContaining(['id', 'cost_micro_usd', 'run_id']));
  });

  it('states a value before the call for every nullable field and every field with a default', () => {
    expect(EMPTY_RECORD).toMatchObject({ clientName: null, teamIds: [], billing: 'metered', streaming: false });
    expect(EMPTY_RECORD).not.toHaveProperty('status');
  });
});
