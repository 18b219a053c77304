/** Assembles the calls of one choice of a streamed Chat Completion from their pieces. */
import { JsonLeaf, JsonObject, writeJsonTree, type JsonNode } from '../../../json/tree.js';
import { InputText } from '../../tool-calls/input-text.js';
import type { CallInput, FindRefusal, ToolCall } from '../../tool-calls/grammar.js';

export class DeltaCall implements ToolCall {
  readonly kind = 'call';
  readonly isExecuted = false;
  readonly #input = new InputText();
  #name: string | null = null;
  #isText = false;
  /** Whether its arguments came as an object instead of in pieces. */
  #isWhole = false;
  isJudged = false;

  constructor(
    readonly pointer: string,
    readonly id: string | undefined,
  ) {}

  get names(): readonly string[] {
    return this.#name === null ? [] : [this.#name];
  }

  get input(): CallInput {
    return this.#input.toInput(this.#isText ? 'text' : 'json');
  }

  get isTooLong(): boolean {
    return this.#input.isTooLong;
  }

  get hasName(): boolean {
    return this.#name !== null;
  }

  fail(): void {
    this.#input.fail('split');
  }

  /**
   * Adds a piece. `part`: the member `function` or `custom` of the piece, or its equivalent; `member` of it holds the
   * arguments.
   */
  take(part: JsonObject | undefined, isCustom: boolean, member = isCustom ? 'input' : 'arguments'): void {
    this.#isText ||= isCustom;
    if (!part) return;
    const name = part.getText('name');
    // some readers append a second name to the first, others replace the first by it
    if (name && this.#name !== null && name !== this.#name) this.#input.fail('split');
    if (name) this.#name ??= name;
    const value = part.get(member);
    if (value === undefined || (value instanceof JsonLeaf && value.isNull)) return;
    if (this.#isWhole) this.#input.fail('split');
    if (value instanceof JsonLeaf && value.text === null) this.#input.fail('unreadable');
    else if (value instanceof JsonLeaf) this.#input.push(value.text!);
    else {
      if (!this.#input.isEmpty) this.#input.fail('split');
      this.#isWhole = true;
      this.#input.push(writeJsonTree(value));
    }
  }
}

interface CallPiece {
  readonly call: DeltaCall;
  /** Whether the call begins with this piece. */
  readonly isFirst: boolean;
}

export class DeltaCalls {
  readonly list: DeltaCall[] = [];
  /** Whether the client has seen the text of a refusal. */
  hasRefusalText = false;
  readonly #byIndex = new Map<number, DeltaCall>();
  #legacy: DeltaCall | null = null;

  /** `choiceOfId`: id of a call → the choice in which it began, shared by the choices of a stream. */
  constructor(
    private readonly choice: number,
    private readonly choiceOfId: Map<string, number>,
  ) {}

  get isOpen(): boolean {
    return this.list.some((call) => !call.isJudged);
  }

  /**
   * Adds a piece of the list `tool_calls`. Servers omit the index, give all calls the same one, or repeat ids and
   * names.
   */
  take(entry: JsonNode): CallPiece {
    const delta = entry instanceof JsonObject ? entry : new JsonObject();
    const isCustom = delta.isSet('custom') && !delta.isSet('function');
    const part = delta.getObject('function') ?? delta.getObject('custom');
    const id = delta.getText('id') || undefined;
    const index = delta.getIndex('index');
    const piece = this.#find(id, index, part?.getText('name') || undefined);
    piece.call.take(part, isCustom);
    if (!(entry instanceof JsonObject)) piece.call.fail();
    return piece;
  }

  /** Adds a piece of `function_call`, of which a choice has only one. */
  takeLegacy(value: JsonNode): CallPiece {
    const isFirst = this.#legacy === null || (this.#legacy.isJudged && !this.#legacy.isTooLong);
    if (isFirst) {
      const isLate = this.#legacy !== null;
      this.#legacy = new DeltaCall(`/choices/${this.choice}/message/function_call`, undefined);
      if (isLate) this.#legacy.fail();
      this.list.push(this.#legacy);
    }
    this.#legacy!.take(value instanceof JsonObject ? value : undefined, false);
    return { call: this.#legacy!, isFirst };
  }

  /** Returns calls that have become too long to be judged. */
  takeOverlong(): DeltaCall[] {
    return this.#takeUnjudged((call) => call.isTooLong);
  }

  /** Returns all open calls as complete, because the choice is finished. */
  finish(): DeltaCall[] {
    return this.#takeUnjudged(() => true);
  }

  /** Returns the index of a call among the calls that remain. */
  getRemainingIndex(call: DeltaCall, findRefusal: FindRefusal): number {
    return this.list.slice(0, this.list.indexOf(call)).filter((one) => findRefusal(one) === null).length;
  }

  #takeUnjudged(isComplete: (call: DeltaCall) => boolean): DeltaCall[] {
    const complete = this.list.filter((call) => !call.isJudged && isComplete(call));
    for (const call of complete) call.isJudged = true;
    return complete;
  }

  #find(id: string | undefined, index: number | undefined, name: string | undefined): CallPiece {
    const present =
      index !== undefined
        ? this.#byIndex.get(index)
        : id !== undefined
          ? this.list.find((call) => call.id === id)
          : name === undefined || !this.list.at(-1)?.hasName
            ? this.list.at(-1)
            : undefined;
    const isOther = id !== undefined && present?.id !== undefined && present.id !== id;
    // judged calls have been sent to the client: nothing more may be added to them
    const isLate = present !== undefined && !isOther && present.isJudged && !present.isTooLong;
    if (present && !isOther && !isLate) return { call: present, isFirst: false };
    const call = this.#begin(id, index);
    if (isLate || (id === undefined && name === undefined)) call.fail();
    return { call, isFirst: true };
  }

  #begin(id: string | undefined, index: number | undefined): DeltaCall {
    const call = new DeltaCall(`/choices/${this.choice}/message/tool_calls/${this.list.length}`, id);
    if (id !== undefined) {
      const choice = this.choiceOfId.get(id) ?? this.choice;
      if (choice !== this.choice) call.fail();
      this.choiceOfId.set(id, choice);
    }
    if (index !== undefined) this.#byIndex.set(index, call);
    this.list.push(call);
    return call;
  }
}
