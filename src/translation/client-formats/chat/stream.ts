import type { ChatChunk } from '../../pivot/chat.js';
import type { ChatError, ClientStream } from '../../pivot/translator.js';

/**
 * Writes a Chat stream as OpenAI does, unchanged. After an error `[DONE]` is missing, so that a cut stream is never
 * taken for success.
 */
export class ChatStream implements ClientStream {
  constructor(
    private readonly write: (events: string) => void,
    private readonly includeUsage: boolean,
  ) {}

  writeChunk(chunk: ChatChunk): void {
    if (chunk.choices.length === 0 && !this.includeUsage) return;
    this.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }

  end(): void {
    this.write('data: [DONE]\n\n');
  }

  writeError(error: ChatError): void {
    this.write(`data: ${JSON.stringify({ error })}\n\n`);
  }
}
