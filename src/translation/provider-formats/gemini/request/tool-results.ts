/** Converts a tool's result to `functionResponse` (ai.google.dev/api/caching#FunctionResponse). */
import type { GeminiPart } from '../wire.js';

export interface ResultOptions {
  id: string | undefined;
  name: string;
  /** Whether the result may contain images and documents; otherwise they follow it. */
  takesMedia: boolean;
}

/** Media types that a result may contain; others follow it. */
const MEDIA_IN_RESULTS = /^(?:image\/(?:png|jpeg|webp)|application\/pdf|text\/plain)$/;

/** Puts the text under `output`, unparsed: parsing it as JSON would change it (numbers, order, white space). */
export function toToolResultParts(
  content: readonly GeminiPart[],
  { id, name, takesMedia }: ResultOptions,
): GeminiPart[] {
  const texts = content.filter(({ text }) => text !== undefined).map(({ text }) => text);
  const media = content.filter(({ text }) => text === undefined);
  const inside = takesMedia ? media.filter(isAllowedInResult) : [];
  const functionResponse = {
    ...(id !== undefined && { id }),
    name,
    response: { output: texts.join('\n') },
    ...(inside.length > 0 && { parts: inside }),
  };
  return [{ functionResponse }, ...media.filter((part) => !inside.includes(part))];
}

const isAllowedInResult = ({ inlineData, fileData }: GeminiPart): boolean =>
  MEDIA_IN_RESULTS.test(inlineData?.mimeType ?? fileData?.mimeType ?? '');
