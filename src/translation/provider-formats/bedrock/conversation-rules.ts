/**
 * Conversations that AWS accepts, by model family. Sources: the Bedrock user guide ("Supported models and model
 * features", ToolChoice, ToolResultContentBlock of the API reference), and the messages of its ValidationExceptions:
 * "Conversation blocks and tool result blocks cannot be provided in the same turn" (Meta, Mistral, Writer), "A
 * conversation must start with a user message" (all but Anthropic and Qwen), "This model doesn't support tool use in
 * streaming mode".
 */
import type { ModelFamily } from './models.js';

export interface ConversationRules {
  /** Accepts `system`. Otherwise the instructions precede the first user turn. */
  takesSystem: boolean;
  /** Accepts a conversation whose first turn is the assistant's. */
  mayBeginWithAssistant: boolean;
  /** Content allowed in a turn beside tool results: nothing, everything except documents, or everything. */
  besideResults: 'nothing' | 'noDocuments' | 'everything';
  /** Accepts images, documents and videos inside a tool result. */
  takesMediaInResults: boolean;
  /** `whole`: calls tools only if the response is not streamed. */
  tools: 'none' | 'whole' | 'streamed';
  /** The members of `toolChoice` that it accepts. */
  choices: ReadonlySet<'auto' | 'any' | 'tool'>;
  /** Resolves `$ref` in the schemas of tools. */
  takesReferences: boolean;
}

const CHOICES = {
  none: new Set<never>(),
  auto: new Set(['auto'] as const),
  any: new Set(['auto', 'any'] as const),
  forcedAlone: new Set(['any', 'tool'] as const),
  all: new Set(['auto', 'any', 'tool'] as const),
};

const TEXT_ONLY: Partial<ConversationRules> = { tools: 'none', choices: CHOICES.none };
const BARE: Partial<ConversationRules> = { ...TEXT_ONLY, takesSystem: false };

/** Default rules, unless the family or the model differs; ids without a model name (ARNs of profiles) get them. */
const DEFAULTS: ConversationRules = {
  takesSystem: true,
  mayBeginWithAssistant: false,
  besideResults: 'everything',
  takesMediaInResults: true,
  tools: 'streamed',
  choices: CHOICES.all,
  takesReferences: true,
};

const ALONE: Partial<ConversationRules> = { besideResults: 'nothing', takesMediaInResults: false };

const BY_FAMILY: Partial<Record<ModelFamily, Partial<ConversationRules>>> = {
  claude: { mayBeginWithAssistant: true, besideResults: 'noDocuments' },
  nova: { takesReferences: false },
  llama: { ...ALONE, tools: 'whole', choices: CHOICES.auto, takesReferences: false },
  mistral: { ...ALONE, choices: CHOICES.any },
  writer: { ...ALONE, tools: 'whole', choices: CHOICES.auto },
  cohere: { takesMediaInResults: false, choices: CHOICES.none },
  ai21: { takesMediaInResults: false, choices: CHOICES.auto },
  deepseek: { takesMediaInResults: false, choices: CHOICES.forcedAlone },
  qwen: { mayBeginWithAssistant: true, takesMediaInResults: false },
  'gpt-oss': { takesMediaInResults: false },
  titan: BARE,
};

/** Models that accept less than their family. The first match counts. */
const BY_MODEL: readonly (readonly [RegExp, Partial<ConversationRules>])[] = [
  [/claude-(?:v\d|instant)/, TEXT_ONLY],
  [/llama2|llama3-(?:8b|70b)-|llama3-2-[13]b-/, TEXT_ONLY],
  [/mistral-7b|mixtral-8x7b/, BARE],
  [/mistral-(?:large|small)-24|pixtral/, { tools: 'whole' }],
  [/cohere\.command-(?:text|light)/, BARE],
  [/jamba-instruct|deepseek\.r1/, TEXT_ONLY],
  [/ai21\.j2/, BARE],
];

export function findConversationRules(id: string, family: ModelFamily): ConversationRules {
  const modelRules = BY_MODEL.find(([pattern]) => pattern.test(id))?.[1];
  return { ...DEFAULTS, ...BY_FAMILY[family], ...modelRules };
}
