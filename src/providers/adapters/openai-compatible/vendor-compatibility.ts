/**
 * Request features of each server that speaks OpenAI's Chat Completions, by provider. Each row names its source: the
 * vendor's API reference, or the request types of the vendor's own SDK where the reference is silent.
 */
import type { OpenAiCompatibility, StrictMembers } from '../../contract/openai-compatibility.js';

const parseNames = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split(/\s+/)));

/** https://docs.mistral.ai/api/#tag/chat; `ChatCompletionRequest` and the messages of @mistralai/mistralai 2.7. */
const MISTRAL_MEMBERS: StrictMembers = {
  request: parseNames(
    'model messages temperature top_p max_tokens stream stop random_seed metadata response_format tools tool_choice',
    'presence_penalty frequency_penalty n prediction parallel_tool_calls reasoning_effort prompt_mode guardrails',
    'prompt_cache_key service_tier safe_prompt',
  ),
  message: {
    system: parseNames('role content'),
    user: parseNames('role content'),
    assistant: parseNames('role content tool_calls prefix'),
    tool: parseNames('role content tool_call_id name'),
  },
  part: parseNames(
    'type text image_url document_url document_name document_image_limit document_page_limit reference_ids file_id',
    'input_audio thinking closed signature',
  ),
  call: parseNames('id type function index'),
};

/**
 * https://console.groq.com/docs/api-reference#chat-create and https://console.groq.com/docs/openai (log probabilities,
 * `logit_bias` and `messages[].name` are answered with 400); `ChatCompletionCreateParams` of groq-sdk 1.6.
 */
const GROQ_MEMBERS: StrictMembers = {
  request: parseNames(
    'model messages temperature top_p max_tokens max_completion_tokens stream stream_options stop seed metadata user',
    'response_format tools tool_choice functions function_call presence_penalty frequency_penalty n parallel_tool_calls',
    'reasoning_effort reasoning_format include_reasoning service_tier store citation_options compound_custom documents',
    'disable_tool_validation exclude_domains include_domains search_settings',
  ),
  message: {
    system: parseNames('role content'),
    user: parseNames('role content'),
    assistant: parseNames('role content tool_calls function_call reasoning'),
    tool: parseNames('role content tool_call_id name'),
  },
  part: parseNames('type text image_url document'),
  call: parseNames('id type function'),
};

/** https://inference-docs.cerebras.ai/api-reference/chat-completions; `ChatCompletionCreateParams` of @cerebras/cerebras_cloud_sdk 1.91. */
const CEREBRAS_MEMBERS: StrictMembers = {
  request: parseNames(
    'model messages temperature top_p max_tokens max_completion_tokens min_tokens min_completion_tokens stream',
    'stream_options stop seed user response_format tools tool_choice presence_penalty frequency_penalty logit_bias',
    'logprobs top_logprobs n parallel_tool_calls prediction prompt_cache_key reasoning_effort reasoning_format',
    'clear_thinking disable_reasoning service_tier model_parameters',
  ),
  message: {
    system: parseNames('role content name'),
    user: parseNames('role content name'),
    assistant: parseNames('role content name tool_calls reasoning'),
    tool: parseNames('role content name tool_call_id'),
  },
  part: parseNames('type text image_url image'),
  call: parseNames('id type function index'),
};

/** https://docs.fireworks.ai/api-reference/post-chatcompletions; `CompletionCreateParams` and `ChatMessage` of fireworks-ai 1.0. */
const FIREWORKS_MEMBERS: StrictMembers = {
  request: parseNames(
    'model messages temperature top_p top_k min_p typical_p max_tokens max_completion_tokens stream stream_options stop',
    'seed metadata user response_format tools tool_choice functions function_call presence_penalty frequency_penalty',
    'repetition_penalty mirostat_lr mirostat_target logit_bias logprobs top_logprobs n parallel_tool_calls prediction',
    'speculation reasoning_effort reasoning_history thinking service_tier context_length_exceeded_behavior echo echo_last',
    'ignore_eos perf_metrics_in_response prompt_cache_key prompt_cache_isolation_key prompt_truncate_len raw_output',
    'return_token_ids safe_tokenization',
  ),
  message: {
    system: parseNames('role content name'),
    user: parseNames('role content name'),
    assistant: parseNames('role content name tool_calls reasoning_content'),
    tool: parseNames('role content name tool_call_id'),
  },
  part: parseNames('type text image_url video_url'),
  call: parseNames('id type function index'),
};

const OPENAI: OpenAiCompatibility = {
  ceiling: 'max_completion_tokens',
  developerRole: true,
  models: 'gpt',
  toolsWithoutEffort: true,
  codexKinds: true,
};

export const COMPATIBILITY = {
  /** https://platform.openai.com/docs/api-reference/chat/create */
  openai: OPENAI,
  /**
   * https://learn.microsoft.com/azure/ai-foundry/openai/reference; the name of a deployment may not reveal its model.
   */
  azure: OPENAI,
  mistral: {
    refusesStreamOptions: true,
    callIdChars: 9,
    renames: { seed: 'random_seed' },
    values: { service_tier: ['standard_only'] },
    strict: MISTRAL_MEMBERS,
    // `mistralErrorDataSchema` of @ai-sdk/mistral
    errors: { flat: 'marked' },
  },
  groq: {
    ceiling: 'both',
    developerRole: true,
    values: { service_tier: ['auto', 'on_demand', 'flex', 'performance'] },
    strict: GROQ_MEMBERS,
  },
  cerebras: {
    ceiling: 'both',
    developerRole: true,
    values: { service_tier: ['auto', 'default', 'flex', 'priority'] },
    strict: CEREBRAS_MEMBERS,
    // `cerebrasErrorSchema` of @ai-sdk/cerebras
    errors: { flat: 'plain', textParam: true, chunkInStream: true },
  },
  fireworks: { ceiling: 'both', topK: true, schemaInJsonObject: true, strict: FIREWORKS_MEMBERS },
  /** https://api-docs.deepseek.com/api/create-chat-completion and /guides/thinking_mode */
  deepseek: {
    reasoningBack: 'reasoning_content',
    needsReasoning: /^deepseek-(?!chat|coder)/,
    lacksJsonSchema: true,
  },
  /** https://docs.x.ai/docs/api-reference#chat-completions and /docs/guides/reasoning */
  xai: { ceiling: 'both', models: 'grok' },
  /**
   * https://openrouter.ai/docs/api-reference/parameters and /docs/features/prompt-caching: ignores parameters that a
   * model does not support.
   */
  openrouter: {
    ceiling: 'both',
    developerRole: true,
    topK: true,
    reasoningBack: 'reasoning_details',
    anyEffort: true,
    cacheControl: true,
    models: 'gpt',
  },
  /** https://docs.perplexity.ai/api-reference/chat-completions-post */
  perplexity: {
    refusesStreamOptions: true,
    topK: true,
    // `perplexityErrorSchema` of @ai-sdk/perplexity
    errors: { numericCode: true },
  },
  /** https://docs.together.ai/reference/chat-completions-1 */
  together: { topK: true, schemaInJsonObject: true },
  /** https://docs.ollama.com/api/openai-compatibility */
  ollama: { topK: true, anyEffort: true, anyToolName: true },
  /** https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html */
  vllm: { ceiling: 'both', topK: true, anyEffort: true, anyToolName: true },
  /** https://docs.z.ai/api-reference/llm/chat-completion */
  zhipuai: { reasoningBack: 'reasoning_content', lacksJsonSchema: true },
  /** https://platform.minimax.io/docs/api-reference/text-openai-api */
  minimax: { ceiling: 'both' },
} satisfies Readonly<Record<string, OpenAiCompatibility>>;
