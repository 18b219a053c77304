/**
 * Types of Gemini's `generateContent` API (ai.google.dev/api/generate-content), limited to the members that the router
 * uses.
 */
import type { JsonObject } from '../../pivot/chat.js';

export interface GeminiContent {
  role: 'user' | 'model';
  parts: GeminiPart[];
}

/**
 * One of `text`, `inlineData`, `fileData`, `functionCall` and `functionResponse`, and the members that accompany it.
 */
export interface GeminiPart {
  text?: string;
  /** Whether the text is a summary of the model's thoughts. */
  thought?: boolean;
  thoughtSignature?: string;
  /** `data` is base64. */
  inlineData?: { mimeType: string; data: string };
  fileData?: { fileUri: string; mimeType?: string };
  functionCall?: { id?: string; name: string; args?: JsonObject };
  executableCode?: JsonObject;
  codeExecutionResult?: JsonObject;
  toolCall?: JsonObject;
  toolResponse?: JsonObject;
  functionResponse?: { id?: string; name: string; response: JsonObject; parts?: GeminiPart[] };
}

export interface GeminiCandidate {
  index?: number;
  content?: { parts?: GeminiPart[] };
  finishReason?: string;
  finishMessage?: string;
  logprobsResult?: GeminiLogprobs;
  groundingMetadata?: JsonObject;
  citationMetadata?: JsonObject;
  urlContextMetadata?: JsonObject;
}

export interface GeminiLogprobs {
  chosenCandidates?: GeminiToken[];
  topCandidates?: { candidates?: GeminiToken[] }[];
}

export interface GeminiToken {
  token?: string;
  logProbability?: number;
}

/** Cached tokens are part of the prompt; thoughts are counted beside the candidates. */
export interface GeminiUsage {
  promptTokenCount?: number;
  candidatesTokenCount?: number;
  cachedContentTokenCount?: number;
  thoughtsTokenCount?: number;
  toolUsePromptTokenCount?: number;
}

/** A whole response, and each event of a stream; `usageMetadata` is cumulative. */
export interface GeminiResponse {
  responseId?: string;
  modelVersion?: string;
  candidates?: GeminiCandidate[];
  promptFeedback?: { blockReason?: string; blockReasonMessage?: string };
  usageMetadata?: GeminiUsage;
  error?: GeminiError;
}

/** google.rpc.Status; `status` is the name of its code (`INVALID_ARGUMENT`). */
export interface GeminiError {
  code?: number;
  message?: string;
  status?: string;
}
