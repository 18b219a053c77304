/**
 * Client format of Anthropic's Messages: Claude Code, Anthropic's SDKs on the wire versions 2023-06-01 and 2026-10-21.
 * Every provider can serve them. Replay data of any vendor survives (see `replay/messages-envelope.ts`).
 */
import { buildAnthropicErrorBody, toAnthropicErrorType } from '../../providers/dialects/anthropic/errors.js';
import { writeJson } from '../../providers/json/exact.js';
import type { ChatCompletion, JsonObject } from '../pivot/chat.js';
import type { ChatError, ClientFormat } from '../pivot/translator.js';
import { carriesAnnotations } from './messages/response/citations.js';
import { type ResponseTerms, toMessage } from './messages/response/from-chat-response.js';
import { MessageStream } from './messages/response/from-chat-stream.js';
import { toChatRequest } from './messages/request/to-chat-request.js';
import { DroppedMembers } from './messages/request/members.js';
import { showsThinking } from './messages/request/thinking.js';

/** Claude Code shortens its conversation and tries again only when it reads these words. */
const TOO_LONG = 'prompt is too long';
const TOO_LONG_CODE = 'context_length_exceeded';
/** Words of OpenAI, Google, Cohere, Bedrock and the open servers for the same error. */
const TOO_LONG_PATTERN =
  /maximum context length|context (?:length|window)|input token count|too many (?:input )?tokens|input is too long/i;

/** Returns the client format. `context.id` is `msg_…`, unique to the call. `created` does not occur in this format. */
export function createMessagesFormat(
  body: JsonObject,
  context: { id: string; created: number; origin?: string },
): ClientFormat {
  const dropped = new DroppedMembers();
  const chat = toChatRequest(body, dropped);
  const terms: ResponseTerms = {
    id: context.id,
    model: chat.model,
    stopSequences: Array.isArray(chat.stop) ? chat.stop : [],
    showsThinking: showsThinking(body),
    ...(context.origin !== undefined && { origin: context.origin }),
  };
  return {
    chat,
    dropped: dropped.list(),
    renderResponse: (completion: ChatCompletion, lost?: Set<string>) => {
      if (!carriesAnnotations(completion.choices[0]?.message)) lost?.add('annotations');
      return writeJson(toMessage(completion, terms));
    },
    createStream: (write) => new MessageStream(write, terms),
    renderError: (error, status, requestId) =>
      JSON.stringify(
        buildAnthropicErrorBody(toAnthropicErrorType(status), toErrorMessage(error, status), error.code, requestId),
      ),
  };
}

function toErrorMessage({ message, code }: ChatError, status: number): string {
  const isTooLong = code === TOO_LONG_CODE || (status === 400 && TOO_LONG_PATTERN.test(message));
  return isTooLong && !message.toLowerCase().includes(TOO_LONG) ? `${TOO_LONG}: ${message}` : message;
}
