import { anthropicDialect } from './anthropic.dialect.js';
import { bedrockDialect } from './bedrock.dialect.js';
import { cohereDialect } from './cohere.dialect.js';
import type { Dialect, DialectId } from './base/dialect.js';
import { geminiDialect } from './gemini.dialect.js';
import { ollamaDialect } from './ollama.dialect.js';
import { openAiDialect } from './openai.dialect.js';

const DIALECTS: Readonly<Record<DialectId, Dialect>> = {
  openai: openAiDialect,
  anthropic: anthropicDialect,
  gemini: geminiDialect,
  cohere: cohereDialect,
  bedrock: bedrockDialect,
  ollama: ollamaDialect,
};

export const DIALECT_IDS = Object.keys(DIALECTS) as readonly DialectId[];

export const getDialect = (id: DialectId): Dialect => DIALECTS[id];
