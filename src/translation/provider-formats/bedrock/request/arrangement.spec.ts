/** AWS's requirements for a conversation, by model family. */
import type { ChatMessage, ChatRequest, ChatTool } from '../../../pivot/chat.js';
import { bedrockTranslator } from '../../bedrock.translator.js';
import type { ContentBlock, ToolConfig, Turn } from '../wire.js';

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const NOVA = 'eu.amazon.nova-pro-v1:0';
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const MISTRAL = 'mistral.mistral-large-2407-v1:0';
const WRITER = 'us.writer.palmyra-x5-v1:0';

const LOOK_UP: ChatTool = {
  type: 'function',
  function: { name: 'look_up', parameters: { type: 'object', properties: {} } },
};
const READ: ChatTool = { type: 'function', function: { name: 'read' } };
const PDF = {
  type: 'file' as const,
  file: { filename: 'plan.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
};
const PNG = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };

const user = (content: Extract<ChatMessage, { role: 'user' }>['content']): ChatMessage => ({ role: 'user', content });
const called = (content: string | null = null): ChatMessage => ({
  role: 'assistant',
  content,
  tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'look_up', arguments: '{}' } }],
});
const result = (content: Extract<ChatMessage, { role: 'tool' }>['content'] = 'found'): ChatMessage => ({
  role: 'tool',
  tool_call_id: 'call_a',
  content,
});

interface Asked {
  path: string;
  isWhole: boolean;
  system?: ContentBlock[];
  messages: Turn[];
  toolConfig?: ToolConfig;
}

function ask(model: string, messages: ChatMessage[], more: Partial<ChatRequest> = {}, streaming = false): Asked {
  const context = { model, id: 'chatcmpl-x', created: 1, streaming };
  const request = bedrockTranslator.translateRequest({ model: 'm', messages, ...more }, context);
  return { path: request.path, isWhole: request.isWhole ?? false, ...(request.body as object) } as Asked;
}

const shape = ({ messages }: Asked): string[] =>
  messages.map(({ role, content }) => `${role}: ${content.map((block) => Object.keys(block)[0]).join(' ')}`);

describe('a text after tool results', () => {
  it.each([CLAUDE, NOVA, 'qwen.qwen3-32b-v1:0'])('a text after tool results shares their turn for %s', (model) => {
    const asked = ask(model, [user('Look'), called(), result(), user('And now?')], { tools: [LOOK_UP] });
    expect(shape(asked)).toEqual(['user: text', 'assistant: toolUse', 'user: toolResult text']);
  });

  it.each([LLAMA, MISTRAL, WRITER])('a text after tool results gets its own turn for %s', (model) => {
    const asked = ask(model, [user('Look'), called(), result(), user('And now?')], { tools: [LOOK_UP] });
    expect(shape(asked)).toEqual([
      'user: text',
      'assistant: toolUse',
      'user: toolResult',
      'assistant: text',
      'user: text',
    ]);
    expect(asked.messages.at(-1)!.content).toEqual([{ text: 'And now?' }]);
  });
});

it('text and calls of the assistant are split for models that refuse both in one turn', () => {
  const messages = [user('Look'), called('I look it up.'), result()];
  expect(shape(ask(LLAMA, messages, { tools: [LOOK_UP] }))).toEqual([
    'user: text',
    'assistant: text',
    'user: text',
    'assistant: toolUse',
    'user: toolResult',
  ]);
  expect(shape(ask(CLAUDE, messages, { tools: [LOOK_UP] }))).toEqual([
    'user: text',
    'assistant: text toolUse',
    'user: toolResult',
  ]);
});

it('a document after tool results gets its own turn for Claude', () => {
  const after = user([{ type: 'text', text: 'Read it.' }, PDF]);
  const asked = ask(CLAUDE, [user('Look'), called(), result(), after], { tools: [LOOK_UP] });
  expect(shape(asked)).toEqual([
    'user: text',
    'assistant: toolUse',
    'user: toolResult',
    'assistant: text',
    'user: text document',
  ]);
});

it('a document split from the tool results gets a text beside it', () => {
  const asked = ask(CLAUDE, [user('Look'), called(), result(), user([PDF])], { tools: [LOOK_UP] });
  expect(asked.messages.at(-1)!.content.map((block) => Object.keys(block)[0])).toEqual(['document', 'text']);
});

describe('an image in a tool result', () => {
  it('an image in a tool result stays there for Nova', () => {
    const asked = ask(NOVA, [user('Look'), called(), result([PNG])], { tools: [LOOK_UP] });
    expect(asked.messages.at(-1)!.content).toEqual([
      {
        toolResult: { toolUseId: 'call_a', content: [{ image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }] },
      },
    ]);
  });

  it('an image follows the tool result for a model that accepts only text in results', () => {
    const asked = ask('us.deepseek.v3-v1:0', [user('Look'), called(), result([PNG])], { tools: [LOOK_UP] });
    expect(shape(asked).at(-1)).toBe('user: toolResult text image');
  });
});

describe('a conversation that the assistant begins', () => {
  const messages: ChatMessage[] = [{ role: 'assistant', content: 'Where to?' }, user('Oslo.')];

  it.each([NOVA, LLAMA, MISTRAL, 'cohere.command-r-v1:0', 'us.deepseek.r1-v1:0'])(
    'a conversation that the assistant begins gets a user turn before it for %s',
    (model) => {
      const asked = ask(model, messages);
      expect(shape(asked)).toEqual(['user: text', 'assistant: text', 'user: text']);
      expect(asked.messages.slice(1).map(({ content }) => content[0]!.text)).toEqual(['Where to?', 'Oslo.']);
    },
  );

  it.each([CLAUDE, 'qwen.qwen3-32b-v1:0'])(
    'a conversation that the assistant begins stays unchanged for %s',
    (model) => {
      expect(shape(ask(model, messages))).toEqual(['assistant: text', 'user: text']);
    },
  );
});

describe('instructions', () => {
  it.each([CLAUDE, NOVA, LLAMA])('instructions without a user message become the user turn for %s', (model) => {
    const asked = ask(model, [{ role: 'system', content: 'Greet.' }]);
    expect(asked).toMatchObject({ messages: [{ role: 'user', content: [{ text: 'Greet.' }] }] });
    expect(asked.system).toBeUndefined();
  });

  it.each(['amazon.titan-text-express-v1', 'mistral.mistral-7b-instruct-v0:2', 'cohere.command-text-v14'])(
    'instructions precede the user text for %s, which takes no system prompt',
    (model) => {
      const asked = ask(model, [{ role: 'system', content: 'Be brief.' }, user('Hi')]);
      expect(asked.system).toBeUndefined();
      expect(asked.messages).toEqual([{ role: 'user', content: [{ text: 'Be brief.' }, { text: 'Hi' }] }]);
    },
  );
});

describe('tools', () => {
  it.each([
    'us.meta.llama3-2-3b-instruct-v1:0',
    'amazon.titan-text-lite-v1',
    'us.deepseek.r1-v1:0',
    'anthropic.claude-v2:1',
  ])('tools are refused with unsupported_parameter for %s, which cannot call them', (model) => {
    expect(() => ask(model, [user('Hi')], { tools: [LOOK_UP] })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter' }),
    );
  });

  it('a model that cannot stream with tools is called by converse instead of converse-stream', () => {
    expect(ask(LLAMA, [user('Hi')], { tools: [LOOK_UP], stream: true }, true)).toMatchObject({
      path: `model/${encodeURIComponent(LLAMA)}/converse`,
      isWhole: true,
    });
    expect(ask(LLAMA, [user('Hi')], { stream: true }, true)).toMatchObject({
      path: `model/${encodeURIComponent(LLAMA)}/converse-stream`,
      isWhole: false,
    });
    expect(ask(NOVA, [user('Hi')], { tools: [LOOK_UP] }, true).path).toMatch(/converse-stream$/);
  });

  it('a named tool_choice leaves one tool for a model that cannot be forced to a particular one', () => {
    const choice = { type: 'function' as const, function: { name: 'read' } };
    const asked = ask(MISTRAL, [user('Hi')], { tools: [LOOK_UP, READ], tool_choice: choice });
    expect(asked.toolConfig).toMatchObject({ tools: [{ toolSpec: { name: 'read' } }], toolChoice: { any: {} } });
    expect(asked.toolConfig!.tools).toHaveLength(1);
  });

  it('tool_choice required is refused for a model that takes no choice', () => {
    expect(() => ask(LLAMA, [user('Hi')], { tools: [LOOK_UP], tool_choice: 'required' })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter' }),
    );
    expect(ask('cohere.command-r-v1:0', [user('Hi')], { tools: [LOOK_UP], tool_choice: 'auto' }).toolConfig).toEqual({
      tools: [expect.anything()],
    });
  });
});

it.each([
  [NOVA, { type: 'object', properties: { unit: { type: 'string' } } }],
  [CLAUDE, { type: 'object', properties: { unit: { $ref: '#/$defs/Unit' } }, $defs: { Unit: { type: 'string' } } }],
])('the model %s gets tool schemas in a form that it can read', (model, json) => {
  const parameters = {
    type: 'object',
    properties: { unit: { $ref: '#/$defs/Unit' } },
    $defs: { Unit: { type: 'string' } },
  };
  const tools = [{ type: 'function' as const, function: { name: 'measure', parameters } }];
  expect(ask(model, [user('Hi')], { tools }).toolConfig).toEqual({
    tools: [{ toolSpec: { name: 'measure', inputSchema: { json } } }],
  });
});
