import type { StreamFilter } from '../../providers/dialects/base/dialect.js';
import type { LlmCall } from '../call/llm-call.js';

/** Returns the filter of a stream that passes in the client's own dialect; null if it passes unchanged. */
export function createStreamFilter({ usageInjected, dialect, target }: LlmCall): StreamFilter | null {
  const usage = usageInjected ? dialect.createStreamFilter() : null;
  const restoring = target?.restoration?.createFilter() ?? null;
  return usage && restoring ? new FilterChain(usage, restoring) : (usage ?? restoring);
}

class FilterChain implements StreamFilter {
  constructor(
    private readonly first: StreamFilter,
    private readonly second: StreamFilter,
  ) {}

  push(chunk: Uint8Array): Uint8Array {
    return this.second.push(this.first.push(chunk));
  }

  end(): Uint8Array {
    return Buffer.concat([this.second.push(this.first.end()), this.second.end()]);
  }
}
