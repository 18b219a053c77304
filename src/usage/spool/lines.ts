/**
 * Reads a spool file line by line. Every line that is not a complete JSON object was torn by a crash or a full disk.
 */
import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface SpoolBatch {
  rows: string[];
  torn: number;
}

/** Yields batches of up to `size` rows, in order. Text after the last line break counts as a line. */
export async function* readSpoolBatches(file: FileHandle, size: number): AsyncGenerator<SpoolBatch> {
  let batch: SpoolBatch = { rows: [], torn: 0 };
  for await (const line of readLines(file)) {
    if (isJsonObject(line)) batch.rows.push(renameColumns(line));
    else batch.torn++;
    if (batch.rows.length < size) continue;
    yield batch;
    batch = { rows: [], torn: 0 };
  }
  if (batch.rows.length > 0 || batch.torn > 0) yield batch;
}

/** Spool files of versions before the migration `american-spelling` name the column in the British spelling. */
const renameColumns = (row: string): string => row.replace('"organisation_id":', '"organization_id":');

async function* readLines(file: FileHandle): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, start)) {
      if (end > start) yield rest.toString('utf8', start, end);
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
