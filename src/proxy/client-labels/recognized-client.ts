/**
 * Recognizes the program that makes a call, by its user agent and by headers that only it sends: a label, never proof.
 * Pure.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';

export interface RecognizedClient {
  /** Stable name: `claude-code`, `openai-sdk` …; null if the program is unknown. */
  readonly name: ClientName | null;
  /** Version as the client states it; null if it states none. */
  readonly version: string | null;
}

/**
 * Prefixes of product names in user agents, in lower case; with a slash: the whole name. The first entry of this list
 * that matches wins, regardless of the order in the user agent: programs precede the libraries that they are made of.
 */
const PRODUCTS = [
  ['claude-cli', 'claude-code'],
  ['claude-code', 'claude-code'],
  ['codex', 'codex'],
  ['kilo', 'kilo-code'],
  ['opencode-kilo', 'kilo-code'],
  ['opencode', 'opencode'],
  ['qwencode', 'qwen-code'],
  ['qwen-code', 'qwen-code'],
  ['geminicli', 'gemini-cli'],
  ['gemini-cli', 'gemini-cli'],
  ['cursor', 'cursor'],
  ['continue', 'continue'],
  ['cline', 'cline'],
  ['roo-code', 'roo-code'],
  ['roocode', 'roo-code'],
  ['githubcopilotchat', 'github-copilot'],
  ['githubcopilot', 'github-copilot'],
  ['github-copilot', 'github-copilot'],
  ['copilot', 'github-copilot'],
  ['pi/', 'pi'],
  ['pi-coding-agent', 'pi'],
  ['open-webui', 'open-webui'],
  ['langchain', 'langchain'],
  ['ai/', 'ai-sdk'],
  ['ai-sdk/', 'ai-sdk'],
  ['openai/', 'openai-sdk'],
  ['asyncopenai/', 'openai-sdk'],
  ['azureopenai/', 'openai-sdk'],
  ['asyncazureopenai/', 'openai-sdk'],
  ['anthropic/', 'anthropic-sdk'],
  ['asyncanthropic/', 'anthropic-sdk'],
  ['anthropicbedrock/', 'anthropic-sdk'],
  ['anthropicvertex/', 'anthropic-sdk'],
  ['groq/', 'groq-sdk'],
  ['asyncgroq/', 'groq-sdk'],
  ['google-genai-sdk/', 'google-genai-sdk'],
  ['cohere/', 'cohere-sdk'],
  ['cohere-ai/', 'cohere-sdk'],
  ['mistral-client', 'mistral-sdk'],
  ['@mistralai', 'mistral-sdk'],
  ['aws-sdk-', 'aws-sdk'],
  ['boto3/', 'aws-sdk'],
  ['botocore/', 'aws-sdk'],
  ['genai-js/', 'google-generative-ai-sdk'],
  ['genai-py/', 'google-generative-ai-sdk'],
  ['genai-android/', 'google-generative-ai-sdk'],
  ['genai-swift/', 'google-generative-ai-sdk'],
  ['genai-go/', 'google-generative-ai-sdk'],
  ['huggingface_hub/', 'hugging-face-sdk'],
  ['hf_hub/', 'hugging-face-sdk'],
  ['@huggingface', 'hugging-face-sdk'],
  ['huggingface', 'hugging-face-sdk'],
  ['openrouter', 'openrouter-sdk'],
  ['@openrouter', 'openrouter-sdk'],
  ['portkey', 'portkey-sdk'],
  ['asyncportkey/', 'portkey-sdk'],
  ['curl/', 'curl'],
] as const;

export type ClientName = (typeof PRODUCTS)[number][1];

const UNKNOWN: RecognizedClient = { name: null, version: null };
/** `speakeasy-sdk/<language> <version> <generator> <document> <package>`: format of SDKs that Speakeasy generates. */
const SPEAKEASY = /^speakeasy-sdk\/\S+ (\S+) \S+ \S+ (@?[\w-]+)\S*$/;
const VERSION = /^v?(\d[\w.+-]*)/;
const MAX_VERSION_CHARS = 40;
/** Longer user agents are cut: the name of a program is at the beginning. */
const MAX_AGENT_CHARS = 512;
/** Far more than the programs that call one process; invented user agents evict the oldest entries. */
const AGENT_CACHE_SIZE = 2_000;

const byUserAgent = new LRUCache<string, RecognizedClient>({ max: AGENT_CACHE_SIZE });

export function recognizeClient(headers: IncomingHttpHeaders): RecognizedClient {
  const agent = headers['user-agent'];
  const own = recognizeOwnHeaders(headers);
  const recognized = withOwnName(agent === undefined ? UNKNOWN : recognizeUserAgent(agent), own);
  if (own !== null) return recognized.name === own ? recognized : { name: own, version: null };
  return recognized.name === null ? recognizeLibraryHeaders(headers) : recognized;
}

/**
 * Qwen Code calls itself `claude-cli`, with its own version, towards Anthropic-compatible servers that are not
 * Anthropic's (QwenLM/qwen-code, `anthropicContentGenerator.ts`). Its versions begin with 0; those of Claude Code have
 * not since May 2025.
 */
function withOwnName(recognized: RecognizedClient, own: ClientName | null): RecognizedClient {
  const isQwen = recognized.name === 'claude-code' && own === null && recognized.version?.startsWith('0.') === true;
  return isQwen ? { ...recognized, name: 'qwen-code' } : recognized;
}

function recognizeUserAgent(agent: string): RecognizedClient {
  const key = agent.length > MAX_AGENT_CHARS ? agent.slice(0, MAX_AGENT_CHARS) : agent;
  let known = byUserAgent.get(key);
  if (!known) byUserAgent.set(key, (known = parseUserAgent(key)));
  return known;
}

/**
 * Parses `name/version (comment) name/version …` (RFC 9110 §10.1.5), and `OpenAI/JS 6.49.0`, where the version is a
 * separate word.
 */
function parseUserAgent(agent: string): RecognizedClient {
  const words = (SPEAKEASY.test(agent) ? agent.replace(SPEAKEASY, '$2/$1') : agent).split(' ');
  let best: number = PRODUCTS.length;
  let version: string | null = null;
  for (const [at, word] of words.entries()) {
    const [product, ...rest] = word.split('/');
    if (rest.length === 0) continue;
    const rank = findRank(`${product!.toLowerCase()}/`);
    if (rank >= best) continue;
    best = rank;
    version = findVersion([...rest, words[at + 1] ?? '']);
  }
  return best === PRODUCTS.length ? UNKNOWN : { name: PRODUCTS[best]![1], version };
}

/**
 * Returns the index of the first entry that the name begins with, unless another letter follows (except `js`):
 * `codex_cli_rs` matches `codex`, `continued` does not match `continue`.
 */
function findRank(product: string): number {
  const found = PRODUCTS.findIndex(
    ([beginning]) => product.startsWith(beginning) && !/^(?!js)[a-z]/.test(product.slice(beginning.length)),
  );
  return found < 0 ? PRODUCTS.length : found;
}

function findVersion(words: readonly string[]): string | null {
  for (const word of words) {
    const found = VERSION.exec(word);
    if (found) return found[1]!.slice(0, MAX_VERSION_CHARS);
  }
  return null;
}

/**
 * Names of programs in `X-Title`, and their sites in `HTTP-Referer`: OpenRouter's attribution headers, which the
 * programs send to every provider.
 */
const TITLES: ReadonlyMap<string, ClientName> = new Map(
  Object.entries({
    cline: 'cline',
    'kilo code': 'kilo-code',
    kilocode: 'kilo-code',
    'roo code': 'roo-code',
    'qwen code': 'qwen-code',
    opencode: 'opencode',
    continue: 'continue',
    'open webui': 'open-webui',
    pi: 'pi',
  } satisfies Record<string, ClientName>),
);
const SITES: ReadonlyMap<string, ClientName> = new Map(
  Object.entries({
    'cline.bot': 'cline',
    'kilocode.ai': 'kilo-code',
    'kilo.ai': 'kilo-code',
    'roocode.com': 'roo-code',
    'opencode.ai': 'opencode',
    'continue.dev': 'continue',
    'openwebui.com': 'open-webui',
    'pi.dev': 'pi',
  } satisfies Record<string, ClientName>),
);

/** Headers that only one program sends. They override the user agent. */
const OWN_HEADERS: readonly (readonly [string, ClientName])[] = [
  ['x-claude-code-session-id', 'claude-code'],
  ['x-kilocode-taskid', 'kilo-code'],
  ['x-kilocode-version', 'kilo-code'],
  ['x-kilocode-editorname', 'kilo-code'],
  ['x-kilocode-feature', 'kilo-code'],
  ['x-kilocode-organizationid', 'kilo-code'],
  ['x-cline-version', 'cline'],
  ['x-dashscope-useragent', 'qwen-code'],
  ['x-openwebui-chat-id', 'open-webui'],
  ['copilot-integration-id', 'github-copilot'],
  ['x-portkey-package-version', 'portkey-sdk'],
];

function recognizeOwnHeaders(headers: IncomingHttpHeaders): ClientName | null {
  for (const [header, client] of OWN_HEADERS) if (headers[header] !== undefined) return client;
  const { originator } = headers;
  if (typeof originator === 'string' && /^codex/i.test(originator)) return 'codex';
  const type = headers['x-client-type'];
  if (typeof type === 'string' && /^cline\b/i.test(type)) return 'cline';
  return recognizeTitle(headers['x-title']) ?? recognizeSite(headers['http-referer']);
}

const recognizeTitle = (title: string | string[] | undefined): ClientName | null =>
  typeof title === 'string' ? (TITLES.get(title.trim().toLowerCase()) ?? null) : null;

function recognizeSite(referer: string | string[] | undefined): ClientName | null {
  if (typeof referer !== 'string' || !URL.canParse(referer)) return null;
  return SITES.get(new URL(referer).hostname.replace(/^www\./, '')) ?? null;
}

/** Libraries in a browser cannot set the user agent: they name themselves in headers of their SDK generator. */
function recognizeLibraryHeaders(headers: IncomingHttpHeaders): RecognizedClient {
  const stainless = headers['x-stainless-package-version'];
  if (typeof stainless === 'string') {
    return {
      name: headers['anthropic-version'] === undefined ? 'openai-sdk' : 'anthropic-sdk',
      version: findVersion([stainless]),
    };
  }
  const aws = headers['x-amz-user-agent'];
  if (typeof aws === 'string') return recognizeUserAgent(aws);
  const google = headers['x-goog-api-client'];
  if (typeof google === 'string') return recognizeUserAgent(google);
  const fern = headers['x-fern-sdk-name'];
  if (typeof fern === 'string' && fern.startsWith('cohere')) {
    return { name: 'cohere-sdk', version: findVersion([String(headers['x-fern-sdk-version'] ?? '')]) };
  }
  return UNKNOWN;
}
