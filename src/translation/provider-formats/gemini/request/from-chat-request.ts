/**
 * Converts a Chat request to the body of `generateContent`. The options are the only differences between AI Studio and
 * Vertex AI.
 */
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import { buildGenerationConfig } from './config.js';
import { toConversation } from './contents.js';
import { noteDropped } from './dropped-members.js';
import { findTraits } from '../models.js';
import { toGeminiTools } from './tools.js';

export interface GeminiBodyOptions {
  model: string;
  /** Whether calls and results carry their ids. Vertex has no ids and matches by order. */
  callIds: boolean;
  /** The API refuses presence and frequency penalties for this model. */
  refusesPenalties: boolean;
}

export interface GeminiBody {
  body: JsonObject;
  /** As `VendorRequest.dropped`. */
  dropped: string[];
}

/** Throws as `Translator.request` does. */
export function toGeminiBody(chat: ChatRequest, options: GeminiBodyOptions): GeminiBody {
  const dropped = new Set<string>();
  noteDropped(chat, dropped);
  const { model, callIds } = options;
  const config = buildGenerationConfig(chat, options, dropped);
  const body: JsonObject = {
    ...toConversation(chat.messages, { traits: findTraits(model), callIds }, dropped),
    ...toGeminiTools(chat, dropped),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
  };
  return { body, dropped: [...dropped] };
}

/** Returns `models/{m}:verb`. A tuned model keeps its collection; `@` needs no encoding in a path (RFC 3986 §3.3). */
export function buildMethodPath(model: string, streaming: boolean): string {
  const verb = streaming ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return `${buildModelPath(model)}:${verb}`;
}

export function buildModelPath(model: string): string {
  const [, collection, name] = /^(models|tunedModels)\/(.+)$/.exec(model) ?? [null, 'models', model];
  return `${collection}/${encodeURIComponent(name).replaceAll('%40', '@')}`;
}
