/** A tool's result as `functionResponse` (ai.google.dev/api/caching#FunctionResponse). */
import type { GeminiPart } from './gemini-wire.js';

export interface ResultOptions {
  id: string | undefined;
  name: string;
  /** Whether images and documents may stand in the result; otherwise they follow it. */
  takesMedia: boolean;
}

/** Kinds of media that a result may hold; others follow it. */
const MEDIA_IN_RESULTS = /^(?:image\/(?:png|jpeg|webp)|application\/pdf|text\/plain)$/;

/** The text goes under `output`, as it is: read as JSON it would come to the model changed (numbers, order, white space). */
export function toolResultParts(content: readonly GeminiPart[], { id, name, takesMedia }: ResultOptions): GeminiPart[] {
  const texts = content.filter(({ text }) => text !== undefined).map(({ text }) => text);
  const media = content.filter(({ text }) => text === undefined);
  const inside = takesMedia ? media.filter(standsInResult) : [];
  const functionResponse = {
    ...(id !== undefined && { id }),
    name,
    response: { output: texts.join('\n') },
    ...(inside.length > 0 && { parts: inside }),
  };
  return [{ functionResponse }, ...media.filter((part) => !inside.includes(part))];
}

const standsInResult = ({ inlineData, fileData }: GeminiPart): boolean =>
  MEDIA_IN_RESULTS.test(inlineData?.mimeType ?? fileData?.mimeType ?? '');
