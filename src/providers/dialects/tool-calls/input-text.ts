import { MAX_ARGUMENT_BYTES, type CallInput, type InputFault } from './grammar.js';

/**
 * Arguments of a call, assembled from their pieces. Keeps at most `MAX_ARGUMENT_BYTES`, beyond which they are not
 * judged.
 */
export class InputText {
  #chunks: string[] = [];
  #bytes = 0;
  fault: InputFault | null = null;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get isTooLong(): boolean {
    return this.fault === 'too_long';
  }

  push(chunk: string): void {
    if (this.isTooLong) return;
    this.#bytes += Buffer.byteLength(chunk);
    if (this.#bytes > MAX_ARGUMENT_BYTES) this.fail('too_long');
    else this.#chunks.push(chunk);
  }

  /** Marks the arguments as impossible to judge. The first fault is kept. */
  fail(fault: InputFault): void {
    this.fault ??= fault;
    this.#chunks = [];
  }

  get text(): string {
    return this.#chunks.join('');
  }

  toInput(kind: 'json' | 'text'): CallInput {
    return this.fault ? { kind: 'fault', fault: this.fault } : { kind, text: this.text };
  }
}
