/** Grammars of tool calls by dialect. */
import type { JsonObject } from '../json/tree.js';
import { bedrockTools } from './bedrock/tool-calls/request-tools.js';
import { ChatCallStream } from './openai/tool-calls/chat-call-stream.js';
import { readChatResponse } from './openai/tool-calls/chat-calls.js';
import { CohereCallStream, readCohereResponse } from './cohere/tool-calls/v2-calls.js';
import { cohereTools } from './cohere/tool-calls/request-tools.js';
import { CohereV1CallStream } from './cohere/tool-calls/v1-call-stream.js';
import { readCohereV1Response } from './cohere/tool-calls/v1-calls.js';
import { ConverseCallStream, readConverseResponse } from './bedrock/tool-calls/converse-calls.js';
import { readGeminiResponse, GeminiCallStream } from './gemini/tool-calls/call-stream.js';
import { geminiTools } from './gemini/tool-calls/request-tools.js';
import { MessagesCallStream } from './anthropic/tool-calls/call-stream.js';
import { readMessagesResponse } from './anthropic/tool-calls/content-blocks.js';
import { messagesTools } from './anthropic/tool-calls/request-tools.js';
import { OllamaCallStream, readOllamaResponse, ollamaTools } from './ollama/tool-calls.js';
import { openAiTools } from './openai/tool-calls/request-tools.js';
import { ResponsesCallStream } from './openai/tool-calls/responses-call-stream.js';
import { readResponsesResponse } from './openai/tool-calls/responses-calls.js';
import type { ResponseReading, CallStream, EventReading, ToolCallGrammar, ToolStep } from './tool-calls/grammar.js';

type ReadResponse = (document: JsonObject) => ResponseReading;

/** Reads a document in any of several formats; each reader ignores the calls of the others. */
const readAny =
  (...readers: readonly ReadResponse[]): ReadResponse =>
  (document) => {
    const readings = readers.map((read) => read(document));
    return {
      steps: readings.flatMap(({ steps }) => steps),
      refuse: (findRefusal) => readings.forEach((reading) => reading.refuse(findRefusal)),
    };
  };

/** Reads events in several formats, each with the reader of its format. */
class AnyCallStream implements CallStream {
  constructor(
    private readonly streams: readonly CallStream[],
    private readonly selectStream: (event: JsonObject) => number,
  ) {}

  get isOpen(): boolean {
    return this.streams.some((stream) => stream.isOpen);
  }

  read(event: JsonObject, hasText: boolean): EventReading {
    return this.streams[this.selectStream(event)]!.read(event, hasText);
  }

  end(): ToolStep[] {
    return this.streams.flatMap((stream) => stream.end());
  }
}

/** Chat Completions and Responses. */
export const openAiToolCalls: ToolCallGrammar = {
  marks: /_call|executed_tools|mcp_|"program|_output"/,
  text: /"(?:content|text)"\s*:\s*"[^"]|output_text\.delta/,
  request: openAiTools,
  readResponse: readAny(readChatResponse, readResponsesResponse),
  createStream: () =>
    new AnyCallStream([new ChatCallStream(), new ResponsesCallStream()], (event) => (event.has('choices') ? 0 : 1)),
};

export const messagesToolCalls: ToolCallGrammar = {
  marks: /tool_use|tool_result|input_json/,
  text: /"text_delta"/,
  request: messagesTools,
  readResponse: readMessagesResponse,
  createStream: () => new MessagesCallStream(),
};

export const geminiToolCalls: ToolCallGrammar = {
  marks:
    /[fF]unction_?[cC]all|[eE]xecutable_?[cC]ode|[eE]xecution_?[rR]esult|[tT]ool_?[cC]all|[tT]ool_?[rR]esponse|[gG]rounding_?[mM]etadata|[cC]ontext_?[mM]etadata/,
  text: /"text"\s*:\s*"[^"]/,
  request: geminiTools,
  readResponse: readGeminiResponse,
  createStream: () => new GeminiCallStream(),
};

/** Versions 1 and 2. */
export const cohereToolCalls: ToolCallGrammar = {
  marks: /tool[-_]call|content-start|search[-_]results/i,
  text: /"content-delta"|"text-generation"/,
  request: cohereTools,
  readResponse: readAny(readCohereResponse, readCohereV1Response),
  createStream: () =>
    new AnyCallStream([new CohereCallStream(), new CohereV1CallStream()], (event) => (event.has('event_type') ? 1 : 0)),
};

export const ollamaToolCalls: ToolCallGrammar = {
  marks: /tool_calls/,
  text: /"content"\s*:\s*"[^"]/,
  request: ollamaTools,
  readResponse: readOllamaResponse,
  createStream: () => new OllamaCallStream(),
};

/** Converse, and models that are invoked in the formats of Anthropic, OpenAI or Amazon Nova. */
export const bedrockToolCalls: ToolCallGrammar = {
  marks: /[tT]ool_?[uU]se|[tT]ool_?[rR]esult|_call|input_json/,
  text: /"text"\s*:\s*"[^"]|"content"\s*:\s*"[^"]/,
  request: bedrockTools,
  readResponse: readAny(readConverseResponse, readMessagesResponse, readChatResponse),
  createStream: () =>
    new AnyCallStream([new ConverseCallStream(), new MessagesCallStream(), new ChatCallStream()], (event) =>
      event.has('choices') ? 2 : event.has('type') ? 1 : 0,
    ),
};
