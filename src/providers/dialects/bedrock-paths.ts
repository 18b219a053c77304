/** A model's operation in Bedrock's runtime API: `model/{id}/{verb}`. */
export interface BedrockCall {
  /** An id, or an ARN; decoded. */
  model: string;
  verb: string;
}

const OPERATION = /(?:^|\/)model\/([^/?]+)\/([a-z-]+)(?:\?|$)/;

/** Null for a path that is no model's operation. */
export function bedrockCall(path: string): BedrockCall | null {
  const match = OPERATION.exec(path);
  return match && { model: decoded(match[1]!), verb: match[2]! };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
