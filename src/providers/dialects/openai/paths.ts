/**
 * Kind of a call by its path in OpenAI's API. `path` is below the base, with or without Azure's `openai/…` before it; a
 * query is allowed.
 */
export type OpenAiCall = 'chat' | 'completions' | 'responses' | 'free' | 'replay' | 'inference' | 'upload' | 'other';

const INFERENCE_ENDS: readonly (readonly [string, OpenAiCall])[] = [
  ['chat/completions', 'chat'],
  ['fim/completions', 'inference'],
  ['completions', 'completions'],
  ['responses', 'responses'],
  ['responses/compact', 'responses'],
  ['responses/input_tokens', 'free'],
  ['embeddings', 'inference'],
  ['moderations', 'free'],
  ['rerank', 'inference'],
];
const UPLOADS = /(?:^|\/)(?:files|uploads)(?:\/|$)/;
const STORED_CALLS = /(?:^|\/)(?:responses|chat\/completions)\/[^/]/;

const parsedPaths = new Map<string, OpenAiCall>();
/** Enough for every path without an id; paths with ids beyond it are classified again each time. */
const PATH_CACHE_SIZE = 500;

export function parseOpenAiPath(path: string): OpenAiCall {
  const found = parsedPaths.get(path);
  if (found !== undefined) return found;
  const call = classify(path);
  if (parsedPaths.size < PATH_CACHE_SIZE) parsedPaths.set(path, call);
  return call;
}

/** Whether an error in a stream and an exhausted budget are rendered in the format of the Responses API. */
export function isResponsesPath(path: string): boolean {
  const call = parseOpenAiPath(path);
  return call === 'responses' || (call === 'replay' && path.includes('responses/'));
}

function classify(rawPath: string): OpenAiCall {
  const query = rawPath.indexOf('?');
  const path = query < 0 ? rawPath : rawPath.slice(0, query);
  for (const [end, call] of INFERENCE_ENDS) {
    if (path === end || path.endsWith(`/${end}`))
      return call === 'completions' && path.endsWith('chat/completions') ? 'chat' : call;
  }
  if (UPLOADS.test(path)) return 'upload';
  // a stored response repeats the usage of the call that created it
  return STORED_CALLS.test(path) ? 'replay' : 'other';
}
