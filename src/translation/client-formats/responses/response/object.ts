/**
 * Builds the Response object around the output: members that SDKs and Codex need, with the request's settings repeated.
 */
import { writeJson } from '../../../../providers/json/exact.js';
import type { ChatUsage, FinishReason, JsonObject } from '../../../pivot/chat.js';
import type { ChatError } from '../../../pivot/translator.js';

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

export interface ResponseState {
  status: ResponseStatus;
  model: string;
  /** JSON texts of the output's items. */
  output: readonly string[];
  usage?: ChatUsage | null | undefined;
  error?: ChatError;
  /** Reason why the response is incomplete. */
  reason?: IncompleteReason | null;
}

export type IncompleteReason = 'max_output_tokens' | 'content_filter';

export class ResponseObject {
  /**
   * Members that do not change, as JSON with the opening brace replaced by a comma: large prompts are written only
   * once.
   */
  #echo: string | null = null;

  constructor(
    private readonly body: JsonObject,
    private readonly context: { id: string; created: number },
  ) {}

  toJson({ status, model, output, usage, error, reason }: ResponseState): string {
    const head = JSON.stringify({
      id: this.context.id,
      object: 'response',
      created_at: this.context.created,
      status,
      background: false,
      error: error ? { code: toFailureCode(error), message: error.message } : null,
      incomplete_details: reason ? { reason } : null,
      model,
      usage: usage ? toUsage(usage) : null,
    });
    this.#echo ??= `,${writeJson(buildEcho(this.body)).slice(1)}`;
    return `${head.slice(0, -1)},"output":[${output.join(',')}]${this.#echo}`;
  }
}

export function toIncompleteReason(finish: FinishReason | null): IncompleteReason | null {
  if (finish === 'length') return 'max_output_tokens';
  return finish === 'content_filter' ? 'content_filter' : null;
}

/** Returns the request's settings, with OpenAI's documented defaults for absent ones. Nothing is ever stored. */
function buildEcho(body: JsonObject): JsonObject {
  const { reasoning, text } = body as { reasoning?: JsonObject | null; text?: JsonObject | null };
  return {
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: null,
    metadata: body['metadata'] ?? {},
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    reasoning: { effort: reasoning?.['effort'] ?? null, summary: reasoning?.['summary'] ?? null },
    safety_identifier: body['safety_identifier'] ?? null,
    service_tier: 'default',
    store: false,
    temperature: body['temperature'] ?? 1,
    text: { format: text?.['format'] ?? { type: 'text' }, verbosity: text?.['verbosity'] ?? 'medium' },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    user: body['user'] ?? null,
  };
}

function toUsage(usage: ChatUsage): JsonObject {
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: {
      cached_tokens: input?.cached_tokens ?? 0,
      cache_write_tokens: input?.cache_write_tokens ?? 0,
    },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: output?.reasoning_tokens ?? 0 },
    total_tokens: usage.total_tokens,
  };
}

/** Returns the error code. Codex decides by these names whether to try again; other names are the vendor's own. */
function toFailureCode(error: ChatError): string {
  if (error.type.startsWith('rate_limit')) return 'rate_limit_exceeded';
  if (error.type === 'insufficient_quota') return 'insufficient_quota';
  return error.code ?? 'server_error';
}
