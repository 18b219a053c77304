import { anthropicDialect } from './anthropic.dialect.js';
import type { Dialect, DialectId } from './dialect.js';
import { openAiDialect } from './openai.dialect.js';

const DIALECTS: Partial<Record<DialectId, Dialect>> = {
  openai: openAiDialect,
  anthropic: anthropicDialect,
};

/** @throws Error for a dialect that is not built: a mistake of ours, as providers name only those that are */
export function dialectOf(id: DialectId): Dialect {
  const dialect = DIALECTS[id];
  if (!dialect) throw new Error(`there is no dialect "${id}"`);
  return dialect;
}
