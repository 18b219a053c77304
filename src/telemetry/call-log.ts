/** One line per LLM call, written when it is over. Never a header, a body or a query. */
import { Injectable } from '@nestjs/common';
import { ERROR_CATALOGUE, type ErrorCode } from '../platform/errors/error-catalogue.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { InteractionRecord } from '../usage/interaction-record.js';
import { UsageRecorder } from '../usage/usage-recorder.js';

/** Longer than any model's name, short enough for a line. */
const MOST_MODEL_CHARS = 256;
/** Clients can invent names; beyond this many the memory is emptied. */
const MOST_REMEMBERED = 1_000;

@Injectable()
export class CallLog {
  constructor(recorder: UsageRecorder, logger: AppLogger) {
    recorder.onRecord((record) => {
      const level = levelOf(record);
      if (logger.pino.isLevelEnabled(level)) logger.writeLine(callLine(level, record));
    });
  }
}

/** An error's own level; a provider that answers with an error is worth a warning. */
function levelOf({ outcome, errorCode }: InteractionRecord): 'info' | 'warn' | 'error' {
  if (outcome === 'success') return 'info';
  if (errorCode !== null && errorCode in ERROR_CATALOGUE) return ERROR_CATALOGUE[errorCode as ErrorCode].level;
  return outcome === 'upstream_error' ? 'warn' : 'info';
}

/**
 * The line, in the form of the logger's own. `method` is the way in; milliseconds are rounded to hundredths. Put together
 * by hand: JSON.stringify takes four times as long. Only the model comes from outside; the other words are ours (ids,
 * fingerprints in base64, slugs) and hold nothing that JSON would have to escape.
 */
function callLine(level: string, record: InteractionRecord): string {
  const { usage, requestedModel } = record;
  let line = `{"level":"${level}","time":"${isoTime(Date.now())}","requestId":"${record.requestId}"`;
  line += word('surface', record.surface) + word('method', record.authMethod);
  line += word('organisationId', record.organisationId);
  if (record.caller) line += word('credentialId', record.caller.credentialId);
  line += word('provider', record.provider) + word('operation', record.operation);
  if (requestedModel !== null) line += `,"model":${quoted(requestedModel)}`;
  line += `,"status":${record.status}` + word('outcome', record.outcome);
  line += word('code', record.errorCode) + word('reason', ownReason(record.errorReason));
  line += `,"ms":${rounded(record.durationMs)}`;
  if (record.firstByteMs !== null) line += `,"firstByteMs":${rounded(record.firstByteMs)}`;
  if (usage) {
    line += `,"inputTokens":${usage.inputTokens},"cachedInputTokens":${usage.cachedInputTokens}`;
    line += `,"outputTokens":${usage.outputTokens},"reasoningTokens":${usage.reasoningTokens}`;
    if (record.estimated) line += ',"estimated":true';
  }
  if (record.costMicroUsd !== null) line += `,"costUsd":${record.costMicroUsd / 1e6}`;
  return `${line},"msg":"call"}\n`;
}

/** Models come again and again; how one is quoted is worth remembering. */
const quotedModels = new Map<string, string>();

function quoted(model: string): string {
  let text = quotedModels.get(model);
  if (text === undefined) {
    text = JSON.stringify(model.slice(0, MOST_MODEL_CHARS));
    if (quotedModels.size >= MOST_REMEMBERED) quotedModels.clear();
    quotedModels.set(model, text);
  }
  return text;
}

const word = (name: string, value: string | null): string => (value === null ? '' : `,"${name}":"${value}"`);

/** Reasons of ours are slugs. Providers' error texts may quote the request, so they stay in the record. */
const ownReason = (reason: string | null): string | null =>
  reason !== null && /^[a-z0-9_]+$/.test(reason) ? reason : null;

const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;

let lastMs = 0;
let lastIso = '';

/** The instant in ISO 8601; many calls end within one millisecond. */
function isoTime(now: number): string {
  if (now !== lastMs) {
    lastMs = now;
    lastIso = new Date(now).toISOString();
  }
  return lastIso;
}
