/**
 * Detects errors in whole responses with a status of success, in each dialect. Each function returns the status that
 * the error means; null for a response, and for a body that cannot be read.
 */
import { MemberKeys, scanMembers } from '../json/members.js';
import { ResponseMembers } from '../wire/whole-response.js';
import { readBaseRespStatus, findErrorStatus } from './base/error-status.js';
import { type Fields, toFields } from './base/token-counts.js';

/** Maximum bytes of an error; longer bodies are responses, since errors of vendors are shorter. */
const MAX_ERROR_BYTES = 64 * 1024;

const OPENAI = new MemberKeys('error', 'object', 'type', 'code', 'message', 'detail', 'base_resp');
const CHOICES = new MemberKeys('choices');
const ERROR_MEMBER = Buffer.from('"error"');

/**
 * Recognizes `{"error": …}`, a flat object (Mistral, Cerebras), FastAPI's `detail`, MiniMax's `base_resp`, and
 * OpenRouter's choice with an `error`.
 */
export function readOpenAiFailedStatus(body: Buffer): number | null {
  const members = readMembers(body, OPENAI);
  if (!members) return null;
  const { error, object, base_resp: base } = members;
  // A failed response of the Responses API is a response, which states its own error.
  if (error) return object === 'response' ? null : findErrorStatus(error);
  const baseStatus = readBaseRespStatus(base);
  if (baseStatus !== null) return baseStatus;
  const choices = body.includes(ERROR_MEMBER) ? readMembers(body, CHOICES)?.['choices'] : undefined;
  if (Array.isArray(choices)) return findChoicesStatus(choices);
  const isFlat = object === 'error' || members['type'] === 'error' || typeof members['message'] === 'string';
  return isFlat || members['detail'] !== undefined ? findErrorStatus(members) : null;
}

function findChoicesStatus(choices: readonly unknown[]): number | null {
  const failed = choices.map((choice) => toFields(choice)?.['error']).find((error) => error);
  return failed === undefined ? null : findErrorStatus(failed);
}

const ERROR = new MemberKeys('error');

/** The `error` is an object: `{"type", "message"}`. */
export function readAnthropicFailedStatus(body: Buffer): number | null {
  const error = readMembers(body, ERROR)?.['error'];
  return error ? findErrorStatus(error) : null;
}

/** The `error` is a string. */
export const readOllamaFailedStatus = readAnthropicFailedStatus;

/** Also accepts an array of one element, the form of its streams without events. */
export function readGeminiFailedStatus(body: Buffer): number | null {
  const document = parseJson(body);
  const error = toFields(Array.isArray(document) ? (document as unknown[])[0] : document)?.['error'];
  return error ? findErrorStatus(error) : null;
}

const COHERE = new MemberKeys('message', 'status');

/** An error is `{"id", "message"}`; the `message` of a response is an object. */
export function readCohereFailedStatus(body: Buffer): number | null {
  const members = readMembers(body, COHERE);
  return typeof members?.['message'] === 'string' ? findErrorStatus(members) : null;
}

/** AWS names the error in the head, in `__type`, or, for an unknown operation, in `Output.__type`. */
export function readBedrockFailedStatus(body: Buffer, header: (name: string) => string | null): number | null {
  const errorType = header('x-amzn-errortype');
  if (errorType !== null) return findErrorStatus(errorType.split(':', 1)[0]);
  const document = toFields(parseJson(body));
  if (!document || document['output'] !== undefined) return null;
  const type = document['__type'] ?? toFields(document['Output'])?.['__type'];
  if (typeof type === 'string') return findErrorStatus(type.slice(type.indexOf('#') + 1));
  return typeof (document['message'] ?? document['Message']) === 'string' ? findErrorStatus(document) : null;
}

function readMembers(body: Buffer, keys: MemberKeys): Fields | null {
  if (body.length > MAX_ERROR_BYTES) return null;
  try {
    const members = new ResponseMembers(body, scanMembers(body, keys).values);
    return Object.fromEntries(keys.names.map((name, i) => [name, members.get(i)]));
  } catch {
    return null;
  }
}

function parseJson(body: Buffer): unknown {
  if (body.length > MAX_ERROR_BYTES) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
