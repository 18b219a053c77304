/**
 * Restores calls in responses for Cursor: they get the names that Cursor sent, and those of custom tools have their
 * plain text as `arguments`.
 */
import type { ChatChunk, ChatCompletion, ChunkChoice, ToolCall, ToolCallDelta } from '../../../pivot/chat.js';
import { readCustomInput, CustomInput } from './custom-input.js';
import type { ToolNames } from '../request/tool-names.js';

export function toBareCalls(completion: ChatCompletion, names: ToolNames): ChatCompletion {
  const choices = completion.choices.map((choice) => {
    const calls = choice.message.tool_calls;
    if (!calls) return choice;
    return { ...choice, message: { ...choice.message, tool_calls: calls.map((call) => toBareCall(call, names)) } };
  });
  return { ...completion, choices };
}

function toBareCall(call: ToolCall, names: ToolNames): ToolCall {
  const { name, arguments: args } = call.function;
  const inputText = names.isCustom(name) ? readCustomInput(args) : args;
  return { ...call, function: { name: names.getOriginal(name).name, arguments: inputText } };
}

/** Restores the calls of a stream. */
export class BareCalls {
  readonly #inputs = new Map<number, CustomInput>();

  constructor(private readonly names: ToolNames) {}

  /** Returns the chunks that the client gets for a chunk: mostly the chunk itself. */
  restoreChunk(chunk: ChatChunk): ChatChunk[] {
    const choice = chunk.choices[0];
    // Some servers leave the finish reason out of all chunks but the last.
    const isLast = choice !== undefined && Boolean(choice.finish_reason);
    if (!choice || (!choice.delta.tool_calls && !isLast)) return [chunk];
    const calls = (choice.delta.tool_calls ?? []).map((delta) => this.#restoreDelta(delta));
    const restored = choice.delta.tool_calls ? replaceCalls(chunk, choice, calls, choice.finish_reason) : chunk;
    if (!isLast) return [restored];
    const remainders = this.#endInputs();
    return remainders.length === 0
      ? [restored]
      : [replaceCalls(chunk, { ...choice, delta: {} }, remainders, null), restored];
  }

  #restoreDelta(delta: ToolCallDelta): ToolCallDelta {
    const { name, arguments: args } = delta.function;
    if (name !== undefined && this.names.isCustom(name)) this.#inputs.set(delta.index, new CustomInput());
    const input = this.#inputs.get(delta.index);
    const called = {
      ...(name !== undefined && { name: this.names.getOriginal(name).name }),
      ...(args !== undefined && { arguments: input ? input.push(args) : args }),
    };
    return { ...delta, function: called };
  }

  #endInputs(): ToolCallDelta[] {
    return [...this.#inputs].flatMap(([index, input]) => {
      const { rest } = input.end();
      return rest === '' ? [] : [{ index, function: { arguments: rest } }];
    });
  }
}

function replaceCalls(
  chunk: ChatChunk,
  choice: ChunkChoice,
  calls: ToolCallDelta[],
  finish: ChunkChoice['finish_reason'],
): ChatChunk {
  return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, tool_calls: calls }, finish_reason: finish }] };
}
