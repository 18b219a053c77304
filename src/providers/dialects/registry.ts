import { anthropicDialect } from './anthropic.dialect.js';
import { bedrockDialect } from './bedrock.dialect.js';
import { cohereDialect } from './cohere.dialect.js';
import type { Dialect, DialectId } from './base/dialect.js';
import { geminiDialect } from './gemini.dialect.js';
import { ollamaDialect } from './ollama.dialect.js';
import { openAiDialect } from './openai.dialect.js';

const DIALECTS: Partial<Record<DialectId, Dialect>> = {
  openai: openAiDialect,
  anthropic: anthropicDialect,
  gemini: geminiDialect,
  cohere: cohereDialect,
  bedrock: bedrockDialect,
  ollama: ollamaDialect,
};

/** @throws Error for a dialect that does not exist: a bug, as providers only name existing ones */
export function getDialect(id: DialectId): Dialect {
  const dialect = DIALECTS[id];
  if (!dialect) throw new Error(`unknown dialect "${id}"`);
  return dialect;
}
