/**
 * Promise: a model of OpenAI's or xAI's never receives a parameter that it refuses, and members left out or replaced
 * are named.
 */
import { ParsedObject } from '../../../../providers/json/editable-object.js';
import { findProvider } from '../../../../providers/registry.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { restrictChat, restrictResponses } from './model-restrictions.js';

const TOOLS = [{ type: 'function', function: { name: 'f' } }];
const SAMPLING = {
  temperature: 0.2,
  top_p: 0.5,
  presence_penalty: 1,
  frequency_penalty: 1,
  logit_bias: { 1: 1 },
  stop: ['x'],
};

function restricted(model: string, request: JsonObject, restrict = restrictChat) {
  const [provider, ...id] = model.split(':');
  const body = structuredClone(request);
  const dropped = new Set<string>();
  restrict(new ParsedObject(body), findProvider(provider!)!.compatibility!, id.join(':'), dropped);
  return { body, dropped: [...dropped] };
}

describe('sampling parameters', () => {
  it.each([
    'openai:gpt-5',
    'openai:gpt-5-mini-2025-08-07',
    'openai:gpt-5.4',
    'openai:gpt-5.1-chat-latest',
    'openai:o3',
    'openai:o4-mini-2025-04-16',
    'openai:ft:o4-mini-2025-04-16:acme::id',
    'openai:codex-mini-latest',
    'azure:gpt-5-prod',
    'azure:prod-gpt5',
    'azure:team_o3',
    'openrouter:openai/gpt-5',
    'openrouter:openai/gpt-5.1:online',
    'openrouter:openai/o3',
  ])('sampling parameters are left out for %s', (model) => {
    const { body, dropped } = restricted(model, { ...SAMPLING, logprobs: true, top_logprobs: 2, seed: 1 });
    expect(body).toEqual({ seed: 1 });
    expect([...dropped].sort()).toEqual([...Object.keys(SAMPLING), 'logprobs', 'top_logprobs'].sort());
  });

  it.each(['openai:o1', 'openai:o1-2024-12-17', 'openai:o3-mini', 'openai:ft:o3-mini:acme::id'])(
    'sampling parameters except stop are left out for %s',
    (model) => {
      expect(restricted(model, SAMPLING).body).toEqual({ stop: SAMPLING.stop });
    },
  );

  it.each([
    'openai:gpt-4.1',
    'openai:gpt-4o',
    'openai:gpt-5-chat-latest',
    'openai:ft:gpt-4o-mini:acme::id',
    'azure:gpt-35-turbo',
    'azure:my-deployment',
    'openrouter:openai/gpt-5-chat',
    'openrouter:anthropic/claude-sonnet-4.5',
    'openrouter:meta-llama/llama-3.3-70b-instruct',
    'groq:openai/gpt-oss-120b',
    'vllm:gpt-5-lookalike',
  ])('sampling parameters are kept for %s', (model) => {
    expect(restricted(model, SAMPLING)).toEqual({ body: SAMPLING, dropped: [] });
  });

  it('sampling parameters with default values are kept for a reasoning model', () => {
    const usual = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false, stop: null };
    expect(restricted('openai:gpt-5', usual)).toEqual({ body: usual, dropped: [] });
  });

  it.each([
    ['openai:gpt-5.1', { reasoning_effort: 'none' }],
    ['openai:gpt-5.4-mini', { reasoning_effort: 'none' }],
    ['openrouter:openai/gpt-5.2', { reasoning: { effort: 'none' } }],
    ['openrouter:openai/gpt-5.2', { reasoning: { enabled: false } }],
  ])('the model %s gets sampling parameters while %j turns reasoning off', (model, effort) => {
    const asked = { temperature: 0.2, top_p: 0.5, logprobs: true, ...effort };
    expect(restricted(model, { ...asked, presence_penalty: 1 })).toEqual({
      body: asked,
      dropped: ['presence_penalty'],
    });
  });
});

describe('reasoning effort', () => {
  it('computer-use-preview gets no reasoning effort but keeps the reasoning summary', () => {
    const reasoning = { effort: 'high', summary: 'concise' };
    expect(restricted('openai:computer-use-preview', { reasoning }, restrictResponses)).toEqual({
      body: { reasoning: { summary: 'concise' } },
      dropped: ['reasoning.effort'],
    });
    const unset = { reasoning: { effort: null, generate_summary: 'concise' } };
    expect(restricted('openai:computer-use-preview-2025-03-11', unset, restrictResponses)).toEqual({
      body: unset,
      dropped: [],
    });
  });

  it.each([
    ['openai:gpt-5', 'none', 'minimal'],
    ['openai:gpt-5', 'xhigh', 'high'],
    ['openai:gpt-5-pro', 'low', 'high'],
    ['openai:gpt-5-codex', 'minimal', 'low'],
    ['openai:gpt-5.1', 'minimal', 'low'],
    ['openai:gpt-5.1', 'xhigh', 'high'],
    ['openai:gpt-5.4', 'max', 'xhigh'],
    ['openai:o3', 'none', 'low'],
    ['xai:grok-3-mini', 'medium', 'high'],
    ['xai:grok-4.5', 'none', 'low'],
  ])('the model %s gets for effort %s the nearest value %s', (model, effort, nearest) => {
    expect(restricted(model, { reasoning_effort: effort })).toEqual({
      body: { reasoning_effort: nearest },
      dropped: ['reasoning_effort'],
    });
  });

  it.each([
    ['openai:gpt-5', 'minimal'],
    ['openai:gpt-5.2', 'xhigh'],
    ['openai:gpt-5.6', 'max'],
    ['openai:gpt-5', 'of-tomorrow'],
    ['openrouter:openai/gpt-4.1', 'high'],
    ['openrouter:openai/gpt-5', 'none'],
    ['xai:grok-4.3', 'none'],
  ])('the model %s gets the effort %s unchanged', (model, effort) => {
    expect(restricted(model, { reasoning_effort: effort })).toEqual({
      body: { reasoning_effort: effort },
      dropped: [],
    });
  });

  it.each([
    'openai:gpt-4.1',
    'openai:gpt-5-chat-latest',
    'azure:gpt-4o',
    'xai:grok-4',
    'xai:grok-4-0709',
    'xai:grok-3',
    'xai:grok-4.20-0309-reasoning',
  ])('reasoning_effort is left out for %s', (model) => {
    expect(restricted(model, { reasoning_effort: 'high' })).toEqual({ body: {}, dropped: ['reasoning_effort'] });
  });
});

describe('function tools', () => {
  it.each([
    ['openai:gpt-5.4', 'high'],
    ['openai:gpt-5.4-mini', 'low'],
    ['openai:gpt-5.6', 'medium'],
    ['openai:gpt-5.6-terra', undefined],
    ['azure:gpt-5.6', undefined],
  ])('function tools reach %s on chat/completions with effort none (requested: %s)', (model, effort) => {
    const asked = { tools: TOOLS, temperature: 0.3, ...(effort && { reasoning_effort: effort }) };
    expect(restricted(model, asked)).toEqual({
      body: { tools: TOOLS, temperature: 0.3, reasoning_effort: 'none' },
      dropped: ['reasoning_effort'],
    });
  });

  it.each([
    ['openai:gpt-5.4', {}],
    ['openai:gpt-5.6', { reasoning_effort: 'none' }],
    ['openai:gpt-5', { reasoning_effort: 'high' }],
    ['openai:gpt-5.2', { reasoning_effort: 'high' }],
    ['openrouter:openai/gpt-5.6', { reasoning_effort: 'high' }],
  ])('function tools reach %s unchanged with %j', (model, effort) => {
    const asked = { tools: TOOLS, ...effort };
    expect(restricted(model, asked)).toEqual({ body: asked, dropped: [] });
  });

  it('a request without function tools keeps its effort', () => {
    expect(restricted('openai:gpt-5.6', { tools: [], reasoning_effort: 'high' }).dropped).toEqual([]);
    expect(restricted('openai:gpt-5.6', { reasoning_effort: 'high' }).dropped).toEqual([]);
  });

  it('the o series gets no parallel_tool_calls, and only false is named as dropped', () => {
    expect(restricted('openai:o3', { parallel_tool_calls: true })).toEqual({ body: {}, dropped: [] });
    expect(restricted('openai:o3', { parallel_tool_calls: false })).toEqual({
      body: {},
      dropped: ['parallel_tool_calls'],
    });
    expect(restricted('openai:gpt-5', { parallel_tool_calls: false }).body).toEqual({ parallel_tool_calls: false });
  });
});

it('models before gpt-5 get no verbosity, and only other values than medium are named', () => {
  expect(restricted('openai:gpt-4.1', { verbosity: 'low' })).toEqual({ body: {}, dropped: ['verbosity'] });
  expect(restricted('openai:gpt-4.1', { verbosity: 'medium' }).dropped).toEqual([]);
  expect(restricted('openai:gpt-5', { verbosity: 'low' }).dropped).toEqual([]);
});

describe('xAI', () => {
  it.each(['xai:grok-4', 'xai:grok-3-mini', 'xai:grok-code-fast-1', 'xai:grok-4.3'])(
    'the model %s gets no penalties and no stop',
    (model) => {
      const asked = { presence_penalty: 0, frequency_penalty: 0.5, stop: ['x'], temperature: 0.1 };
      expect(restricted(model, asked)).toEqual({ body: { temperature: 0.1 }, dropped: ['frequency_penalty', 'stop'] });
    },
  );
  it('Grok without reasoning gets stop, and models before grok-3 get penalties too', () => {
    expect(restricted('xai:grok-4-fast-non-reasoning', { stop: ['x'], presence_penalty: 1 })).toEqual({
      body: { stop: ['x'] },
      dropped: ['presence_penalty'],
    });
    expect(restricted('xai:grok-2-1212', { stop: ['x'], presence_penalty: 1 }).dropped).toEqual([]);
  });
});

describe('requests to responses', () => {
  const told = (model: string, request: JsonObject) => restricted(model, request, restrictResponses);
  it('sampling and effort of Responses requests are restricted like those of Chat', () => {
    expect(
      told('openai:gpt-5', { temperature: 0.1, top_p: 1, reasoning: { effort: 'none', summary: 'auto' } }),
    ).toEqual({
      body: { top_p: 1, reasoning: { effort: 'minimal', summary: 'auto' } },
      dropped: ['reasoning.effort', 'temperature'],
    });
    expect(told('openai:gpt-5.4', { temperature: 0.1, reasoning: { effort: 'none' } }).dropped).toEqual([]);
    expect(told('openai:gpt-4.1', { temperature: 0.1, reasoning: { effort: 'high' } })).toEqual({
      body: { temperature: 0.1 },
      dropped: ['reasoning'],
    });
    expect(told('openrouter:openai/gpt-5', { temperature: 0.1 }).dropped).toEqual(['temperature']);
  });
  it('function tools of Responses requests keep any effort', () => {
    const asked = { tools: [{ type: 'function', name: 'f' }], reasoning: { effort: 'high' } };
    expect(told('openai:gpt-5.6', asked)).toEqual({ body: asked, dropped: [] });
  });
});
