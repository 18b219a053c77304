import type { DialectId } from '../../providers/dialects/base/dialect.js';
import type { ProviderAdapter, ProviderId } from '../../providers/contract/provider-adapter.js';
import { anthropicTranslator } from './anthropic.translator.js';
import { bedrockTranslator } from './bedrock.translator.js';
import { cohereTranslator } from './cohere.translator.js';
import { geminiTranslator } from './gemini.translator.js';
import { createOpenAiTranslator } from './openai.translator.js';
import type { Translator } from '../pivot/translator.js';
import { vertexTranslator } from './vertex.translator.js';

const BY_DIALECT: Partial<Record<DialectId, Translator>> = {
  anthropic: anthropicTranslator,
  gemini: geminiTranslator,
  bedrock: bedrockTranslator,
  cohere: cohereTranslator,
};

/** Providers that speak several dialects, depending on the model. */
const BY_PROVIDER: Readonly<Record<ProviderId, Translator>> = { vertex: vertexTranslator };

const openAiTranslators = new Map<ProviderId, Translator>();

/** Returns the vendor's side of a translation. */
export function getTranslator(adapter: ProviderAdapter): Translator {
  const { id, dialect } = adapter;
  const byProvider = BY_PROVIDER[id];
  if (byProvider) return byProvider;
  const byDialect = BY_DIALECT[dialect];
  if (byDialect) return byDialect;
  let translator = openAiTranslators.get(id);
  if (!translator) openAiTranslators.set(id, (translator = createOpenAiTranslator(adapter)));
  return translator;
}
