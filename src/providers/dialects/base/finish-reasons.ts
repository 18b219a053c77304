import { toCount, type Fields, toFields, toText } from './token-counts.js';

/** Format of a vendor's reason. Everything else is text that a model could have written. */
const REASON = /^[A-Za-z][\w-]{0,63}$/;

/** Collects the finish reasons of the choices of a response, from a whole response or from the events of a stream. */
export class FinishReasons {
  readonly #byChoice = new Map<number, string>();

  /** Reasons in the order of the choices. */
  get all(): readonly string[] {
    return [...this.#byChoice].sort(([one], [other]) => one - other).map(([, reason]) => reason);
  }

  /** @param reason is null or absent before the end of the choice */
  note(reason: unknown, index = 0): void {
    const name = toText(reason);
    if (name !== null && REASON.test(name)) this.#byChoice.set(index, name);
  }

  /**
   * @param choices `choices`, `candidates` or `results` of a vendor; each may state its `index`
   * @param name of the member that states the reason
   */
  noteChoices(choices: unknown, name: string): void {
    if (!Array.isArray(choices)) return;
    for (const [position, choice] of (choices as unknown[]).entries()) {
      const fields = toFields(choice);
      this.note(fields?.[name], toCount(fields?.['index']) ?? position);
    }
  }

  /** Notes the reason of a response of the Responses API: its status, or the reason for which it is incomplete. */
  noteResponse({ status, incomplete_details: incomplete }: Fields): void {
    if (status === 'in_progress' || status === 'queued') return;
    this.note(toText(toFields(incomplete)?.['reason']) ?? status);
  }
}

export function readFinishReasons(choices: unknown, name: string): readonly string[] {
  const reasons = new FinishReasons();
  reasons.noteChoices(choices, name);
  return reasons.all;
}

export const readFinishReason = (reason: unknown): readonly string[] => readFinishReasons([{ reason }], 'reason');
