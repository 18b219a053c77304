import { readClaimedSession, SESSION_MEMBERS } from '../base/claimed-session.js';
import { type JsonMembers, MemberKeys, scanBody, scanInner } from '../../json/members.js';
import { skipSpace } from '../../json/text.js';
import {
  readArray,
  readBoolean,
  isAbsent,
  isObject,
  readNumber,
  readString,
  createWrongTypeError,
} from '../../json/values.js';
import { NO_REQUEST_INFO, type RequestInfo } from '../base/dialect.js';
import { parseOpenAiPath } from './paths.js';

const REQUEST = MemberKeys.withLabels(
  ['model', 'stream', 'stream_options', 'max_completion_tokens', 'max_tokens', 'max_output_tokens', 'models'],
  SESSION_MEMBERS,
);
const MODEL = 0;
const STREAM = 1;
const STREAM_OPTIONS = 2;
const CEILINGS = [3, 4, 5];
const MODELS = 6;
const FIRST_LABEL = 7;

const OPTIONS = new MemberKeys('include_usage');

const OPEN_BRACE = 0x7b;

/**
 * See `Dialect.inspect`. On inference paths it refuses a body that is not a JSON object; elsewhere (uploads) such a
 * body has no facts.
 */
export function inspectOpenAi(body: Buffer, path: string): RequestInfo {
  if (body.length === 0) return NO_REQUEST_INFO;
  const call = parseOpenAiPath(path);
  if (call === 'upload') return NO_REQUEST_INFO;
  if (call === 'other' && body[skipSpace(body, 0)] !== OPEN_BRACE) return NO_REQUEST_INFO;
  const members = scanBody(body, REQUEST);
  const { values } = members;
  const streaming = readBoolean(body, values[STREAM], 'stream') ?? false;
  return {
    model: readString(body, values[MODEL], 'model'),
    streaming,
    maxOutputTokens: findHighestCeiling(body, values),
    usageToInject: streaming && (call === 'chat' || call === 'completions') && !requestsUsage(body, members),
    otherModels: values[MODELS] ? readModelNames(body, values) : NO_REQUEST_INFO.otherModels,
    claimedSession: readClaimedSession(body, values.slice(FIRST_LABEL)),
  };
}

/** Returns the body with `"stream_options":{"include_usage":true}`; every other byte is unchanged. */
export function requestStreamUsage(body: Buffer): Buffer {
  const members = scanBody(body, REQUEST);
  const options = members.values[STREAM_OPTIONS];
  if (options === undefined) {
    return splice(
      body,
      members.open + 1,
      members.open + 1,
      `"stream_options":{"include_usage":true}${members.isEmpty ? '' : ','}`,
    );
  }
  if (isAbsent(body, options)) return splice(body, options.start, options.end, '{"include_usage":true}');
  const inner = scanInner(body, OPTIONS, options.start);
  const includeUsage = inner.values[0];
  if (includeUsage !== undefined) return splice(body, includeUsage.start, includeUsage.end, 'true');
  return splice(body, inner.open + 1, inner.open + 1, `"include_usage":true${inner.isEmpty ? '' : ','}`);
}

function requestsUsage(body: Buffer, { values }: JsonMembers): boolean {
  const options = values[STREAM_OPTIONS];
  if (options === undefined || isAbsent(body, options)) return false;
  if (!isObject(body, options)) throw createWrongTypeError('stream_options', 'an object');
  return readBoolean(body, scanInner(body, OPTIONS, options.start).values[0], 'include_usage') ?? false;
}

/** Returns the highest maximum that is set, since servers differ in which of them they obey. */
function findHighestCeiling(body: Buffer, values: JsonMembers['values']): number | null {
  let highest: number | null = null;
  for (const index of CEILINGS) {
    const ceiling = readNumber(body, values[index], REQUEST.names[index]!);
    if (ceiling !== null && (highest === null || ceiling > highest)) highest = ceiling;
  }
  return highest;
}

function readModelNames(body: Buffer, values: JsonMembers['values']): string[] {
  const names = readArray(body, values[MODELS], 'models');
  for (const name of names) if (typeof name !== 'string') throw createWrongTypeError('models', 'an array of strings');
  return names as string[];
}

function splice(body: Buffer, start: number, end: number, insertion: string): Buffer {
  const result = Buffer.allocUnsafe(body.length - (end - start) + insertion.length);
  body.copy(result, 0, 0, start);
  result.write(insertion, start, 'latin1');
  body.copy(result, start + insertion.length, end);
  return result;
}
