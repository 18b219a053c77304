import { MemberKeys, scanBody, scanInner } from '../../json/members.js';
import { skipSpace } from '../../json/text.js';
import { readBoolean, isAbsent, isObject, readNumber, readString, createWrongTypeError } from '../../json/values.js';
import { NO_REQUEST_INFO, type RequestInfo } from '../base/dialect.js';

/** Members that are read; `name` is the former name of `model`. */
const REQUEST = new MemberKeys('model', 'stream', 'options', 'name');
const OPTIONS = new MemberKeys('num_predict');

const INFERENCE = /^api\/(?:chat|generate|embed|embeddings)(?:\?|$)/;
/** Paths that stream by default (docs.ollama.com/api, "streaming"). */
const STREAMS = /^api\/(?:chat|generate)(?:\?|$)/;

const OPEN_BRACE = 0x7b;

/** See `Dialect.inspect`. The last line of every stream reports its usage. */
export function inspectOllama(body: Buffer, path: string): RequestInfo {
  if (body.length === 0) return NO_REQUEST_INFO;
  if (!INFERENCE.test(path) && body[skipSpace(body, 0)] !== OPEN_BRACE) return NO_REQUEST_INFO;
  const { values } = scanBody(body, REQUEST);
  return {
    ...NO_REQUEST_INFO,
    model: readString(body, values[0], 'model') || readString(body, values[3], 'name'),
    streaming: readBoolean(body, values[1], 'stream') ?? STREAMS.test(path),
    maxOutputTokens: readMaxOutputTokens(body, values[2]),
  };
}

/**
 * Returns the maximum of output tokens. A negative `num_predict` sets no maximum (-1: as much as the model writes, -2:
 * as much as fits).
 */
function readMaxOutputTokens(body: Buffer, options: Parameters<typeof isAbsent>[1]): number | null {
  if (options === undefined || isAbsent(body, options)) return null;
  if (!isObject(body, options)) throw createWrongTypeError('options', 'an object');
  const ceiling = readNumber(body, scanInner(body, OPTIONS, options.start).values[0], 'options/num_predict');
  return ceiling === null || ceiling < 0 ? null : ceiling;
}
