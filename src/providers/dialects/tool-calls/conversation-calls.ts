/** Calls of a conversation so far, by their ids. A result belongs to the last call with its id before it. */
export class ConversationCalls {
  readonly #names = new Map<string, readonly string[]>();
  /** Ids of the current turn: if several calls share an id, the call of a result is unknown. */
  #turn = new Set<string>();

  begin(): void {
    this.#turn = new Set();
  }

  add(id: string | undefined, names: readonly string[]): void {
    if (id === undefined) return;
    const isOther = this.#turn.has(id) && this.#names.get(id)?.join('\n') !== names.join('\n');
    this.#names.set(id, isOther ? [] : names);
    this.#turn.add(id);
  }

  /** Returns the names of a call; empty if none or several have this id. */
  findNames(id: string | undefined): readonly string[] {
    return (id === undefined ? undefined : this.#names.get(id)) ?? [];
  }
}
