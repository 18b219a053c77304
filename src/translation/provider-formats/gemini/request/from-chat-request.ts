/**
 * Converts a Chat request to the body of `generateContent`. The options are the only differences between AI Studio and
 * Vertex AI.
 */
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import { generationConfig } from './config.js';
import { conversationOf } from './contents.js';
import { noteDropped } from './dropped-members.js';
import { traitsOf } from '../models.js';
import { toolsOf } from './tools.js';

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
export function geminiBody(chat: ChatRequest, options: GeminiBodyOptions): GeminiBody {
  const dropped = new Set<string>();
  noteDropped(chat, dropped);
  const { model, callIds } = options;
  const config = generationConfig(chat, options, dropped);
  const body: JsonObject = {
    ...conversationOf(chat.messages, { traits: traitsOf(model), callIds }, dropped),
    ...toolsOf(chat, dropped),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
  };
  return { body, dropped: [...dropped] };
}

/** Returns `models/{m}:verb`. A tuned model keeps its collection; `@` needs no encoding in a path (RFC 3986 §3.3). */
export function modelMethod(model: string, streaming: boolean): string {
  const verb = streaming ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return `${modelPath(model)}:${verb}`;
}

export function modelPath(model: string): string {
  const [, collection, name] = /^(models|tunedModels)\/(.+)$/.exec(model) ?? [null, 'models', model];
  return `${collection}/${encodeURIComponent(name).replaceAll('%40', '@')}`;
}
