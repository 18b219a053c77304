import { MAX_ARGUMENT_BYTES, type CallInput, type InputFault } from './tool-call-grammar.js';

/** The arguments of a call as their pieces come. Keeps no more than may be judged. */
export class InputText {
  #pieces: string[] = [];
  #bytes = 0;
  fault: InputFault | null = null;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get isTooLong(): boolean {
    return this.fault === 'too_long';
  }

  push(piece: string): void {
    if (this.isTooLong) return;
    this.#bytes += Buffer.byteLength(piece);
    if (this.#bytes > MAX_ARGUMENT_BYTES) this.fail('too_long');
    else this.#pieces.push(piece);
  }

  /** The arguments cannot be judged. The first fault stays. */
  fail(fault: InputFault): void {
    this.fault ??= fault;
    this.#pieces = [];
  }

  get text(): string {
    return this.#pieces.join('');
  }

  as(kind: 'json' | 'text'): CallInput {
    return this.fault ? { kind: 'fault', fault: this.fault } : { kind, text: this.text };
  }
}
