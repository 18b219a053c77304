/**
 * Method of a model in Gemini's API (`models/{m}:verb`, also below `publishers/google/`), with the version before it.
 */
export interface GeminiCall {
  /** Name without `models/`; tuned models keep their `tunedModels/`. */
  model: string;
  verb: string;
}

const METHOD = /(?:^|\/)(models|tunedModels)\/([^/:?]+):([A-Za-z]+)(?:\?|$)/;

/** Parses a path; returns null if it is not a method of a model. */
export function parseGeminiPath(path: string): GeminiCall | null {
  const match = METHOD.exec(path);
  if (!match) return null;
  const [, collection, name, verb] = match as unknown as [string, string, string, string];
  return { model: collection === 'models' ? decodeModelName(name) : `${collection}/${decodeModelName(name)}`, verb };
}

function decodeModelName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
