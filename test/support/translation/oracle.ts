/**
 * Uses the AI SDK's vendor packages as an oracle for the router's translators: both translate the same Chat request and
 * the same recorded vendor response, and every difference must be explained. Independent of vendors: the spec that uses
 * this provides what is specific to a vendor (`providerOptions`).
 */
import type {
  LanguageModelV3CallOptions,
  LanguageModelV3GenerateResult,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3StreamPart,
  LanguageModelV3ToolResultOutput,
  LanguageModelV3Usage,
  SharedV3ProviderOptions,
} from '@ai-sdk/provider';
import type {
  AssistantMessage,
  ChatChunk,
  ChatCompletion,
  ChatMessage,
  ChatRequest,
  ChatUsage,
  FunctionTool,
  JsonObject,
  ReasoningDetail,
  ToolCall,
  ToolMessage,
  UserPart,
} from '../../../src/translation/pivot/chat.js';

type MessageOf<R> = Extract<LanguageModelV3Message, { role: R }>;
type UserContent = MessageOf<'user'>['content'];
type AssistantContent = MessageOf<'assistant'>['content'];
type ResultContent = Extract<LanguageModelV3ToolResultOutput, { type: 'content' }>['value'];

/** Options that the SDK accepts under its vendor's name. */
export interface VendorOptions {
  /** Options for the whole call: thinking, parallel tools … */
  call?: SharedV3ProviderOptions;
  /** Converts replayed reasoning for this vendor; undefined: it is left out. */
  reasoning?: (detail: ReasoningDetail) => { text: string; providerOptions?: SharedV3ProviderOptions } | undefined;
  /** Options of a part of a user's or tool's message, or of a tool (`cache_control`). */
  part?: (part: object) => SharedV3ProviderOptions | undefined;
  /** Options of a replayed tool call (a signature). */
  toolCall?: (call: ToolCall) => SharedV3ProviderOptions | undefined;
}

/**
 * Converts the Chat request to options for `doGenerate` and `doStream`. Leaves out members that the SDK does not know.
 */
export function callOptions(chat: ChatRequest, vendor: VendorOptions = {}): LanguageModelV3CallOptions {
  return defined({
    prompt: promptOf(chat.messages, vendor),
    maxOutputTokens: chat.max_completion_tokens ?? chat.max_tokens ?? undefined,
    temperature: chat.temperature ?? undefined,
    topP: chat.top_p ?? undefined,
    topK: chat.top_k ?? undefined,
    presencePenalty: chat.presence_penalty ?? undefined,
    frequencyPenalty: chat.frequency_penalty ?? undefined,
    seed: chat.seed ?? undefined,
    stopSequences: typeof chat.stop === 'string' ? [chat.stop] : (chat.stop ?? undefined),
    responseFormat: responseFormatOf(chat),
    tools: chat.tools?.map((tool) => functionTool(tool as { function: FunctionTool }, vendor)),
    toolChoice: toolChoiceOf(chat),
    providerOptions: vendor.call,
  });
}

function responseFormatOf(chat: ChatRequest): LanguageModelV3CallOptions['responseFormat'] {
  const format = chat.response_format;
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json' };
  const { name, description, schema } = format.json_schema;
  return defined({ type: 'json' as const, name, description, schema });
}

function functionTool(tool: { function: FunctionTool }, { part: optionsOf }: VendorOptions) {
  const { name, description, parameters, strict } = tool.function;
  const inputSchema = parameters ?? { type: 'object', properties: {} };
  const providerOptions = optionsOf?.(tool);
  return defined({
    type: 'function' as const,
    name,
    description,
    inputSchema,
    strict: strict ?? undefined,
    providerOptions,
  });
}

function toolChoiceOf({ tool_choice: choice }: ChatRequest): LanguageModelV3CallOptions['toolChoice'] {
  if (choice === null || choice === undefined) return undefined;
  if (typeof choice === 'string') return { type: choice };
  return choice.type === 'function' ? { type: 'tool', toolName: choice.function.name } : undefined;
}

/** The SDK merges adjacent tool messages into one, and each result names its tool. */
function promptOf(messages: readonly ChatMessage[], vendor: VendorOptions): LanguageModelV3Prompt {
  const prompt: LanguageModelV3Prompt = [];
  const toolNames = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const result = toolResult(message, toolNames.get(message.tool_call_id) ?? 'unknown', vendor);
      const last = prompt.at(-1);
      if (last?.role === 'tool') last.content.push(result);
      else prompt.push({ role: 'tool', content: [result] });
    } else if (message.role === 'user') prompt.push({ role: 'user', content: userContent(message.content, vendor) });
    else if (message.role === 'assistant') {
      for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name);
      prompt.push({ role: 'assistant', content: assistantContent(message, vendor) });
    } else prompt.push({ role: 'system', content: textOf(message.content) });
  }
  return prompt;
}

const textOf = (content: string | readonly { text?: string; refusal?: string }[]): string =>
  typeof content === 'string' ? content : content.map((part) => part.text ?? part.refusal ?? '').join('\n');

function userContent(content: string | readonly UserPart[], { part: optionsOf }: VendorOptions): UserContent {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part) => defined({ ...partOf(part), providerOptions: optionsOf?.(part) }));
}

function partOf(part: UserPart): UserContent[number] {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'image_url') return { type: 'file', ...media(part.image_url.url, 'image/*') };
  if (part.type === 'input_audio')
    return { type: 'file', data: part.input_audio.data, mediaType: `audio/${part.input_audio.format}` };
  const { file_data: data = '', filename } = part.file;
  return defined({ type: 'file' as const, filename, ...media(data, 'application/pdf') });
}

/** Returns a data URL's content and type; an address as URL; otherwise base64 of the expected type. */
function media(url: string, otherwise: string): { data: string | URL; mediaType: string } {
  if (url.startsWith('data:')) {
    const comma = url.indexOf(',');
    return { data: url.slice(comma + 1), mediaType: url.slice(5, comma).split(';')[0]! };
  }
  return { data: /^https?:/.test(url) ? new URL(url) : url, mediaType: otherwise };
}

function assistantContent(message: AssistantMessage, vendor: VendorOptions): AssistantContent {
  const content: AssistantContent = [];
  for (const detail of message.reasoning_details ?? []) {
    const shown = vendor.reasoning?.(detail);
    if (shown) content.push({ type: 'reasoning', ...shown });
  }
  const text = message.content ? textOf(message.content) : (message.refusal ?? '');
  if (text !== '') content.push({ type: 'text', text });
  for (const call of message.tool_calls ?? []) {
    const input: unknown = call.function.arguments === '' ? {} : JSON.parse(call.function.arguments);
    const providerOptions = vendor.toolCall?.(call);
    content.push(
      defined({
        type: 'tool-call' as const,
        toolCallId: call.id,
        toolName: call.function.name,
        input,
        providerOptions,
      }),
    );
  }
  return content;
}

function toolResult(message: ToolMessage, toolName: string, vendor: VendorOptions) {
  const output: LanguageModelV3ToolResultOutput =
    typeof message.content === 'string'
      ? { type: 'text', value: message.content }
      : { type: 'content', value: resultContent(message.content, vendor) };
  return { type: 'tool-result' as const, toolCallId: message.tool_call_id, toolName, output };
}

function resultContent(parts: readonly UserPart[], vendor: VendorOptions): ResultContent {
  return userContent(parts, vendor).map((part) => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    const { data, mediaType } = part;
    const isImage = mediaType.startsWith('image/');
    if (data instanceof URL) return { type: isImage ? 'image-url' : 'file-url', url: data.href };
    return { type: isImage ? 'image-data' : 'file-data', data: data as string, mediaType };
  });
}

/** The common form of a response, from either implementation. Arguments are parsed if they are JSON. */
export interface ReportedContent {
  text: string;
  reasoning: string;
  calls: { id: string; name: string; arguments: unknown }[];
  finish: string;
  usage: ReportedUsage;
}

export interface ReportedUsage {
  input: number;
  output: number;
  cached: number;
  written: number;
  reasoning: number;
}

/** Reads the oracle's whole response. */
export function readResult({ content, finishReason, usage }: LanguageModelV3GenerateResult): ReportedContent {
  const told = createEmptyContent();
  for (const part of content) {
    if (part.type === 'text') told.text += part.text;
    else if (part.type === 'reasoning') told.reasoning += part.text;
    else if (part.type === 'tool-call') told.calls.push(callOf(part.toolCallId, part.toolName, part.input));
  }
  return { ...told, finish: finishOf(finishReason.unified), usage: usageOf(usage) };
}

/** Reads the oracle's stream. Throws the first error in it. */
export async function readStream(stream: ReadableStream<LanguageModelV3StreamPart>): Promise<ReportedContent> {
  const told = createEmptyContent();
  for await (const part of stream) {
    if (part.type === 'text-delta') told.text += part.delta;
    else if (part.type === 'reasoning-delta') told.reasoning += part.delta;
    else if (part.type === 'tool-call') told.calls.push(callOf(part.toolCallId, part.toolName, part.input));
    else if (part.type === 'error') throw part.error;
    else if (part.type === 'finish') {
      told.finish = finishOf(part.finishReason.unified);
      told.usage = usageOf(part.usage);
    }
  }
  return told;
}

/** Reads a translator's whole response. */
export function readCompletion({ choices, usage }: ChatCompletion): ReportedContent {
  const { message, finish_reason: finish } = choices[0]!;
  return {
    text: message.content ?? '',
    reasoning: message.reasoning_content ?? '',
    calls: (message.tool_calls ?? []).map((call) => callOf(call.id, call.function.name, call.function.arguments)),
    finish,
    usage: chatUsageOf(usage),
  };
}

/** Reads a translator's stream. */
export function readChunks(chunks: readonly ChatChunk[]): ReportedContent {
  const told = createEmptyContent();
  const calls: { id: string; name: string; text: string }[] = [];
  for (const { choices, usage } of chunks) {
    if (usage) told.usage = chatUsageOf(usage);
    for (const { delta, finish_reason: finish } of choices) {
      told.text += delta.content ?? '';
      told.reasoning += delta.reasoning_content ?? '';
      if (finish) told.finish = finish;
      for (const {
        index,
        id,
        function: { name, arguments: text = '' },
      } of delta.tool_calls ?? []) {
        const call = (calls[index] ??= { id: id ?? '', name: name ?? '', text: '' });
        call.text += text;
      }
    }
  }
  return { ...told, calls: calls.map(({ id, name, text }) => callOf(id, name, text)) };
}

const createEmptyContent = (): ReportedContent => ({
  text: '',
  reasoning: '',
  calls: [],
  finish: '',
  usage: chatUsageOf(undefined),
});

function callOf(id: string, name: string, text: string): ReportedContent['calls'][number] {
  try {
    return { id, name, arguments: text === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { id, name, arguments: text };
  }
}

const finishOf = (unified: string): string => unified.replace('-', '_');

function usageOf({ inputTokens, outputTokens }: LanguageModelV3Usage): ReportedUsage {
  return {
    input: inputTokens.total ?? 0,
    output: outputTokens.total ?? 0,
    cached: inputTokens.cacheRead ?? 0,
    written: inputTokens.cacheWrite ?? 0,
    reasoning: outputTokens.reasoning ?? 0,
  };
}

function chatUsageOf(usage: ChatUsage | undefined): ReportedUsage {
  return {
    input: usage?.prompt_tokens ?? 0,
    output: usage?.completion_tokens ?? 0,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    written: usage?.prompt_tokens_details?.cache_write_tokens ?? 0,
    reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** Returns a `fetch` for the SDK that stores requests and returns a recorded response. */
export function recordingFetch(answer: string | Uint8Array, contentType: string, status = 200) {
  const sent: { url: string; headers: Headers; body: JsonObject }[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    const body = JSON.parse(init!.body as string) as JsonObject;
    sent.push({ url, headers: new Headers(init!.headers), body });
    return Promise.resolve(new Response(Buffer.from(answer), { status, headers: { 'content-type': contentType } }));
  };
  return { fetch, sent };
}

/** A difference between two JSON values. `path`: `messages[1].content[0].text`. */
export interface Difference {
  path: string;
  ours: unknown;
  theirs: unknown;
}

/** An intended difference. `at` matches the path from its beginning; `when` narrows it. */
export interface Explained {
  at: RegExp;
  because: string;
  when?: (difference: Difference) => boolean;
}

/** The intended differences between a vendor's translation and the SDK's. */
export interface Differences {
  requests: readonly Explained[];
  answers: readonly Explained[];
  /** Golden cases that the SDK refuses, and why. */
  refusedByThem: Readonly<Record<string, string>>;
  /** Golden cases whose responses the SDK cannot read, and why. */
  unreadByThem: Readonly<Record<string, string>>;
}

export function differences(ours: unknown, theirs: unknown, path = ''): Difference[] {
  if (Object.is(ours, theirs)) return [];
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const length = Math.max(ours.length, theirs.length);
    return Array.from({ length }, (_, i) => differences(ours[i], theirs[i], `${path}[${i}]`)).flat();
  }
  if (isObject(ours) && isObject(theirs)) {
    const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
    return names.flatMap((name) => differences(ours[name], theirs[name], path === '' ? name : `${path}.${name}`));
  }
  return [{ path, ours, theirs }];
}

/** Returns the differences that no row of the table explains. */
export function unexplained(found: readonly Difference[], table: readonly Explained[]): Difference[] {
  return found.filter(
    (difference) => !table.some(({ at, when }) => at.test(difference.path) && (when?.(difference) ?? true)),
  );
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Removes members that are undefined: the SDK's own schemas reject some of them. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
