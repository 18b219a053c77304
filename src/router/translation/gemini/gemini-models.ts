/**
 * What a Gemini model can do, by its id. Google's ids are open-ended and aliases (`gemini-flash-latest`) move on, so what is
 * not known to be old is taken for the newest kind.
 */
export interface ModelTraits {
  /** How much it thinks is set in levels (Gemini 3 on), in tokens (2.5), or not at all. */
  thinking: 'levels' | 'budget' | 'none';
  isPro: boolean;
  /** Refuses a function call of its own that comes back without its signature (Gemini 3 on). */
  wantsSignatures: boolean;
  /** Takes images and documents inside a tool's result. */
  takesMediaInResults: boolean;
  /** Has no place for a system instruction (Gemma to version 3). */
  lacksSystemInstruction: boolean;
}

const OLD = /^gemini-(?:1(?:[.-]|$)|2\.0|2-|pro(?:-vision)?$)/;
const BUDGETED = /^gemini-2\.5/;
/** Models that draw or speak do not let themselves be told how to think. */
const SPEAKS_OR_DRAWS = /-(?:image|tts|live|native-audio)(?:-|$)|^gemini-live/;
const OLD_GEMMA = /^gemma-(?:1|2|3n?)?(?:\.|-|$)/;

/** @param model the vendor's id, with or without `models/` */
export function traitsOf(model: string): ModelTraits {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  const isNewest = name.startsWith('gemini-') && !OLD.test(name) && !BUDGETED.test(name);
  return {
    thinking: SPEAKS_OR_DRAWS.test(name) ? 'none' : isNewest ? 'levels' : BUDGETED.test(name) ? 'budget' : 'none',
    isPro: /-pro(?:-|$)/.test(name),
    wantsSignatures: isNewest,
    takesMediaInResults: isNewest,
    lacksSystemInstruction: OLD_GEMMA.test(name),
  };
}

/** Whether it is the first Gemini 3 Pro, which knows the levels low and high only. */
export const knowsTwoLevels = (model: string): boolean => /(?:^|\/)gemini-3-pro(?:-|$)/i.test(model);

/** Whether the API of AI Studio refuses penalties for this model ("Penalty is not enabled"). */
export const refusesPenalties = (model: string): boolean => BUDGETED.test(model.slice(model.lastIndexOf('/') + 1));
