/** Operation on a model in Bedrock's runtime API: `model/{id}/{verb}`. */
export interface BedrockCall {
  /** Id or ARN of the model, decoded. */
  model: string;
  verb: string;
}

const OPERATION = /(?:^|\/)model\/([^/?]+)\/([a-z-]+)(?:\?|$)/;

/** Parses a path; returns null if it is not an operation on a model. */
export function parseBedrockPath(path: string): BedrockCall | null {
  const match = OPERATION.exec(path);
  return match && { model: decodeModelId(match[1]!), verb: match[2]! };
}

function decodeModelId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
