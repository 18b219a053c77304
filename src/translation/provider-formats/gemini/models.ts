/**
 * Capabilities of a Gemini model, derived from its id. Google's ids are open-ended and aliases (`gemini-flash-latest`)
 * move, so a model that is not known to be old counts as the newest kind.
 */
export interface ModelTraits {
  /** How the amount of thinking is set: in levels (Gemini 3 and later), in tokens (2.5), or not at all. */
  thinking: 'levels' | 'budget' | 'none';
  isPro: boolean;
  /** Refuses a replayed function call without its signature (Gemini 3 and later). */
  wantsSignatures: boolean;
  /** Accepts images and documents inside a tool's result. */
  takesMediaInResults: boolean;
  /** Does not support a system instruction (Gemma up to version 3). */
  lacksSystemInstruction: boolean;
}

const OLD = /^gemini-(?:1(?:[.-]|$)|2\.0|2-|pro(?:-vision)?$)/;
const BUDGETED = /^gemini-2\.5/;
/** Models that generate images or speech, whose thinking cannot be configured. */
const SPEAKS_OR_DRAWS = /-(?:image|tts|live|native-audio)(?:-|$)|^gemini-live/;
const OLD_GEMMA = /^gemma-(?:1|2|3n?)?(?:\.|-|$)/;

/** @param model the vendor's id, with or without `models/` */
export function findTraits(model: string): ModelTraits {
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
