/** Detects the end of a JSON object or array that arrives in pieces. Never detects the end of a scalar. */
export class JsonEnd {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  isReached = false;

  push(chunk: string): void {
    for (let i = 0; i < chunk.length; i++) {
      const c = chunk.charCodeAt(i);
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (c === 0x5c) this.#isEscaped = true;
        else if (c === 0x22) this.#isInString = false;
      } else if (c === 0x22) this.#isInString = true;
      else if (c === 0x7b || c === 0x5b) this.#depth++;
      else if ((c === 0x7d || c === 0x5d) && --this.#depth <= 0) this.isReached = true;
    }
  }
}
