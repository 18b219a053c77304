/** The client's names of tools in the pivot's responses. */
import type { ChatChunk, ChatCompletion } from '../pivot/chat.js';
import type { VendorToolNames } from './vendor-names.js';

/** Changes the completion itself. */
export function restoreInCompletion(completion: ChatCompletion, names: VendorToolNames): ChatCompletion {
  for (const { message } of completion.choices)
    for (const { function: called } of message.tool_calls ?? []) called.name = names.getOriginal(called.name);
  return completion;
}

/** Changes the chunk itself. */
export function restoreInChunk(chunk: ChatChunk, names: VendorToolNames): ChatChunk {
  for (const { delta } of chunk.choices)
    for (const { function: called } of (delta as ChatChunk['choices'][0]['delta'] | undefined)?.tool_calls ?? [])
      if (called?.name !== undefined) called.name = names.getOriginal(called.name);
  return chunk;
}
