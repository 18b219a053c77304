import type { ChatCompletion, ChatRequest, JsonObject } from '../pivot/chat.js';
import type { ChatError, Front, FrontStream } from '../pivot/translator.js';
import { ItemIds, outputOf } from './responses/response/output-items.js';
import { incompleteReason, ResponseObject } from './responses/response/object.js';
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
export function responsesFront(body: JsonObject, context: ResponsesContext): Front {
  return new ResponsesFront(body, context);
}

class ResponsesFront implements Front {
  readonly chat: ChatRequest;
  readonly dropped: readonly string[];
  private readonly request: ResponsesRequest;
  private readonly response: ResponseObject;

  constructor(
    body: JsonObject,
    private readonly context: ResponsesContext,
  ) {
    this.request = readRequest(body);
    this.chat = this.request.chat;
    this.dropped = this.request.dropped;
    this.response = new ResponseObject(body, context);
  }

  answer({ choices, model, usage }: ChatCompletion, lost?: Set<string>): string {
    const choice = choices[0];
    if (choice?.message.annotations?.length && !choice.message.content) lost?.add('annotations');
    const reason = incompleteReason(choice?.finish_reason ?? null);
    const status = reason ? 'incomplete' : 'completed';
    const items = choice
      ? outputOf(choice, new ItemIds(this.context.id), this.request.names, status, this.context.origin)
      : [];
    const output = items.map((item) => JSON.stringify(item));
    return this.response.json({ status, model, output, usage, reason });
  }

  stream(write: (events: string) => void): FrontStream {
    const { response, request, context, chat } = this;
    return new ResponsesStream(
      { response, id: context.id, names: request.names, model: chat.model, origin: context.origin },
      write,
    );
  }

  error(error: ChatError): string {
    return JSON.stringify({ error });
  }
}
