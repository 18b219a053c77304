/** Parameters that individual models refuse, regardless of the client's format. */
import type { EditableObject } from '../../../../providers/json/editable-object.js';
import type { OpenAiCompatibility } from '../../../../providers/contract/openai-compatibility.js';
import { dropMember } from './drop-members.js';
import { findNearestEffort } from './efforts.js';
import { type OpenAiModel, findOpenAiModel } from './gpt-models.js';
import { findXaiModel } from './xai-models.js';

type IsDefault = (value: unknown) => boolean;
const is =
  (accepted: unknown): IsDefault =>
  (value) =>
    value === accepted;
const never: IsDefault = () => false;

/** Parameters that reasoning models refuse, each with the value that they accept. */
const SAMPLING: Readonly<Record<string, IsDefault>> = {
  presence_penalty: is(0),
  frequency_penalty: is(0),
  logit_bias: never,
  prediction: never,
};

/** As `SAMPLING`, but accepted by later models while they do not reason. */
const SAMPLING_WITHOUT_EFFORT: Readonly<Record<string, IsDefault>> = {
  temperature: is(1),
  top_p: is(1),
  logprobs: is(false),
  top_logprobs: is(0),
};

/** @param request a Chat request */
export function restrictChat(
  request: EditableObject,
  { models, anyEffort, toolsWithoutEffort, ceiling }: OpenAiCompatibility,
  modelId: string,
  dropped: Set<string>,
): void {
  if (models === 'grok') return restrictXai(request, modelId, dropped);
  if (models !== 'gpt') return;
  const model = findOpenAiModel(modelId);
  if (!anyEffort) limitEffort(request, 'reasoning_effort', 'reasoning_effort', model, dropped);
  if (toolsWithoutEffort) liftEffortOffTools(request, model, dropped);
  if (ceiling === 'max_completion_tokens' && model.reasons) renameCeiling(request);
  restrictSampling(request, model, readChatEffort(request), dropped);
  if (!model.takesParallelCalls) dropParallelCalls(request, dropped);
  if (!model.takesVerbosity && !anyEffort) dropUnlessDefault(request, 'verbosity', is('medium'), dropped);
}

/** @param request a Responses request: it has neither penalties nor stop sequences, and allows tools with any effort */
export function restrictResponses(
  request: EditableObject,
  { models, anyEffort }: OpenAiCompatibility,
  modelId: string,
  dropped: Set<string>,
): void {
  if (models !== 'gpt') return;
  const model = findOpenAiModel(modelId);
  const reasoning = request.getObject('reasoning');
  if (reasoning && !anyEffort) {
    if (model.takesReasoning) limitEffort(reasoning, 'effort', 'reasoning.effort', model, dropped);
    else dropMember(request, 'reasoning', 'reasoning', dropped);
  }
  restrictSampling(request, model, reasoning?.get('effort'), dropped);
}

function limitEffort(
  holder: EditableObject,
  name: string,
  path: string,
  model: OpenAiModel,
  dropped: Set<string>,
): void {
  const effort = holder.get(name);
  if (effort === undefined || effort === null) return;
  if (!model.reasons) return dropMember(holder, name, path, dropped);
  const nearest = findNearestEffort(effort, model.efforts);
  if (nearest === effort) return;
  holder.set(name, nearest);
  dropped.add(path);
}

/** Sets the effort to `none`: `chat/completions` of later models accepts function tools only without reasoning. */
function liftEffortOffTools(request: EditableObject, model: OpenAiModel, dropped: Set<string>): void {
  if (!model.refusesToolsWithEffort || request.getObjects('tools').length === 0) return;
  const effort = request.get('reasoning_effort') ?? null;
  if (effort === 'none' || (effort === null && !model.needsNoneForTools)) return;
  request.set('reasoning_effort', 'none');
  dropped.add('reasoning_effort');
}

/** Effort of a Chat request. OpenRouter's own form has it in `reasoning`. */
function readChatEffort(request: EditableObject): unknown {
  const effort = request.get('reasoning_effort');
  const reasoning = request.getObject('reasoning');
  if (!reasoning) return effort;
  return reasoning.get('enabled') === false ? 'none' : (reasoning.get('effort') ?? effort);
}

function renameCeiling(request: EditableObject): void {
  if ((request.get('max_completion_tokens') ?? null) === null) request.rename('max_tokens', 'max_completion_tokens');
  else request.delete('max_tokens');
}

function restrictSampling(request: EditableObject, model: OpenAiModel, effort: unknown, dropped: Set<string>): void {
  if (model.takesSampling) return;
  if (!model.takesStop) dropUnlessDefault(request, 'stop', never, dropped);
  for (const name in SAMPLING) dropUnlessDefault(request, name, SAMPLING[name]!, dropped);
  if (model.takesSamplingWithoutEffort && effort === 'none') return;
  for (const name in SAMPLING_WITHOUT_EFFORT) dropUnlessDefault(request, name, SAMPLING_WITHOUT_EFFORT[name]!, dropped);
}

/** Parallel calls are the default, so only `false` changes anything. */
function dropParallelCalls(request: EditableObject, dropped: Set<string>): void {
  if (request.get('parallel_tool_calls') === false) dropped.add('parallel_tool_calls');
  request.delete('parallel_tool_calls');
}

/** Leaves a default value in place: the model accepts it, and the request stays unchanged. */
function dropUnlessDefault(request: EditableObject, name: string, isDefault: IsDefault, dropped: Set<string>): void {
  const value = request.get(name);
  if (value !== undefined && value !== null && !isDefault(value)) dropMember(request, name, name, dropped);
}

/** Members that reasoning models refuse with any value (docs.x.ai/docs/guides/reasoning). */
function restrictXai(request: EditableObject, modelId: string, dropped: Set<string>): void {
  const model = findXaiModel(modelId);
  for (const name of model.refuses) dropMember(request, name, name, dropped, name.endsWith('_penalty') ? is(0) : never);
  const effort = request.get('reasoning_effort');
  if (effort === undefined || effort === null) return;
  if (model.efforts.length === 0) return dropMember(request, 'reasoning_effort', 'reasoning_effort', dropped);
  const nearest = findNearestEffort(effort, model.efforts);
  if (nearest === effort) return;
  request.set('reasoning_effort', nearest);
  dropped.add('reasoning_effort');
}
