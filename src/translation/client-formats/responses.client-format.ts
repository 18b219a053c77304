import type { ChatCompletion, ChatRequest, JsonObject } from '../pivot/chat.js';
import type { ChatError, ClientFormat, ClientStream } from '../pivot/translator.js';
import { ItemIds, toOutput } from './responses/response/output-items.js';
import { toIncompleteReason, ResponseObject } from './responses/response/object.js';
import { readRequest, type ResponsesRequest } from './responses/request/to-chat-request.js';
import { ResponsesStream } from './responses/response/from-chat-stream.js';

/** `origin`: origin of the vendor's replay data. */
export interface ResponsesContext {
  id: string;
  created: number;
  origin?: string;
}

/**
 * Client format of OpenAI's Responses API (Codex, the AI SDK, OpenAI's own SDKs). Nothing is stored: replay data
 * travels in reasoning items.
 * @param context `id` is `resp_…`, unique to the call; `created` in Unix seconds
 * @throws GatewayError `invalid_body`, and `unsupported_parameter` for members that need stored state or OpenAI's
 * hosted tools
 */
export function createResponsesFormat(body: JsonObject, context: ResponsesContext): ClientFormat {
  return new ResponsesClientFormat(body, context);
}

class ResponsesClientFormat implements ClientFormat {
  readonly chat: ChatRequest;
  readonly dropped: readonly string[];
  readonly #request: ResponsesRequest;
  readonly #responseObject: ResponseObject;

  constructor(
    body: JsonObject,
    private readonly context: ResponsesContext,
  ) {
    this.#request = readRequest(body);
    this.chat = this.#request.chat;
    this.dropped = this.#request.dropped;
    this.#responseObject = new ResponseObject(body, context);
  }

  renderResponse({ choices, model, usage }: ChatCompletion, lost?: Set<string>): string {
    const choice = choices[0];
    if (choice?.message.annotations?.length && !choice.message.content) lost?.add('annotations');
    const reason = toIncompleteReason(choice?.finish_reason ?? null);
    const status = reason ? 'incomplete' : 'completed';
    const items = choice
      ? toOutput(choice, new ItemIds(this.context.id), this.#request.names, status, this.context.origin)
      : [];
    const output = items.map((item) => JSON.stringify(item));
    return this.#responseObject.toJson({ status, model, output, usage, reason });
  }

  createStream(write: (events: string) => void): ClientStream {
    const { context, chat } = this;
    return new ResponsesStream(
      {
        response: this.#responseObject,
        id: context.id,
        names: this.#request.names,
        model: chat.model,
        origin: context.origin,
      },
      write,
    );
  }

  renderError(error: ChatError): string {
    return JSON.stringify({ error });
  }
}
