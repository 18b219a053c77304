/** The columns of the fidelity matrix: one model of each kind that a translator distinguishes. */
import type { ChatRequest, ReasoningDetail } from '../../../../src/translation/pivot/chat.js';
import { anthropicTranslator } from '../../../../src/translation/provider-formats/anthropic.translator.js';
import { bedrockTranslator } from '../../../../src/translation/provider-formats/bedrock.translator.js';
import { cohereTranslator } from '../../../../src/translation/provider-formats/cohere.translator.js';
import { geminiTranslator } from '../../../../src/translation/provider-formats/gemini.translator.js';
import type { Translator, VendorRequest } from '../../../../src/translation/pivot/translator.js';
import { vertexTranslator } from '../../../../src/translation/provider-formats/vertex.translator.js';

export interface VendorColumn {
  vendor: string;
  model: string;
  translator: Translator;
  /** Format of the reasoning that this vendor produces and accepts. */
  reasoning: ReasoningDetail['format'];
  /** Thinks without being asked to. */
  thinksUnasked: boolean;
}

const CLAUDE = 'anthropic-claude-v1';
const GOOGLE = 'google-gemini-v1';
const CONVERSE = 'bedrock-converse-v1';

const column = (
  vendor: string,
  model: string,
  translator: Translator,
  reasoning: string,
  thinksUnasked: boolean,
): VendorColumn => ({ vendor, model, translator, reasoning, thinksUnasked });

export const COLUMNS: readonly VendorColumn[] = [
  column('Anthropic', 'claude-sonnet-4-5', anthropicTranslator, CLAUDE, false),
  column('Anthropic', 'claude-opus-5-5', anthropicTranslator, CLAUDE, true),
  column('Gemini', 'gemini-2.5-flash', geminiTranslator, GOOGLE, true),
  column('Gemini', 'gemini-3.1-pro-preview', geminiTranslator, GOOGLE, true),
  column('Cohere', 'command-a-reasoning-08-2025', cohereTranslator, 'cohere-chat-v2', true),
  column('Bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', bedrockTranslator, CONVERSE, false),
  column('Bedrock', 'us.amazon.nova-2-lite-v1:0', bedrockTranslator, CONVERSE, false),
  column('Vertex', 'gemini-2.5-flash', vertexTranslator, GOOGLE, true),
  column('Vertex', 'claude-sonnet-4-5@20250929', vertexTranslator, CLAUDE, false),
];

export function requestTo({ translator, model }: VendorColumn, chat: ChatRequest): VendorRequest {
  return translator.translateRequest(structuredClone(chat), {
    model,
    id: 'chatcmpl-fidelity',
    created: 1,
    streaming: false,
  });
}
