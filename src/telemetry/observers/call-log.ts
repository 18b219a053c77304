/** Logs one line per LLM call, when it ends. Never contains a header, a body or a query. */
import { Injectable } from '@nestjs/common';
import { ERROR_CATALOG, type ErrorCode } from '../../platform/errors/error-catalog.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';

/** Longer than any model's name, short enough for a line. */
const MAX_MODEL_CHARS = 256;
/** Maximum of cached names. Clients can invent names, so the cache is cleared when it is full. */
const MAX_CACHED = 1_000;

@Injectable()
export class CallLog {
  constructor(recorder: UsageRecorder, logger: AppLogger) {
    recorder.onRecord((record) => {
      const level = getLogLevel(record);
      if (logger.pino.isLevelEnabled(level)) logger.writeLine(formatCallLine(level, record));
    });
  }
}

/** An error has its own level; an error response of a provider is a warning. */
function getLogLevel({ outcome, errorCode }: InteractionRecord): 'info' | 'warn' | 'error' {
  if (outcome === 'success') return 'info';
  if (errorCode !== null && errorCode in ERROR_CATALOG) return ERROR_CATALOG[errorCode as ErrorCode].level;
  return outcome === 'upstream_error' ? 'warn' : 'info';
}

/**
 * Formats the line as the logger does. `method` is the authentication method; milliseconds are rounded to hundredths.
 * Built by hand: JSON.stringify takes four times as long. Only the model comes from outside; all other values come from
 * the gateway (ids, fingerprints in base64, slugs) and contain nothing that JSON would have to escape.
 */
function formatCallLine(level: string, record: InteractionRecord): string {
  const { usage, requestedModel } = record;
  // Joined, not concatenated: a concatenated string is a tree that is traversed when it is written, and kept until
  // then.
  const parts = [`{"level":"${level}","time":"`, formatIsoTime(Date.now()), '","requestId":"', record.requestId, '"'];
  pushText(parts, ',"surface":"', record.surface);
  pushText(parts, ',"method":"', record.authMethod);
  pushText(parts, ',"organizationId":"', record.organizationId);
  pushText(parts, ',"credentialId":"', record.caller?.credentialId ?? null);
  pushText(parts, ',"provider":"', record.provider);
  pushText(parts, ',"operation":"', record.operation);
  if (requestedModel !== null) parts.push(',"model":', quoteModel(requestedModel));
  parts.push(',"status":', String(record.status));
  pushText(parts, ',"outcome":"', record.outcome);
  pushText(parts, ',"code":"', record.errorCode);
  pushText(parts, ',"reason":"', filterOwnReason(record.errorReason));
  parts.push(',"ms":', formatMs(record.durationMs));
  if (record.firstByteMs !== null) parts.push(',"firstByteMs":', formatMs(record.firstByteMs));
  if (usage) {
    parts.push(',"inputTokens":', String(usage.inputTokens), ',"cachedInputTokens":', String(usage.cachedInputTokens));
    parts.push(',"outputTokens":', String(usage.outputTokens), ',"reasoningTokens":', String(usage.reasoningTokens));
    if (record.estimated) parts.push(',"estimated":true');
  }
  if (record.costMicroUsd !== null) parts.push(',"costUsd":', String(record.costMicroUsd / 1e6));
  parts.push(',"msg":"call"}\n');
  return parts.join('');
}

/** Cache of quoted model names, as the same models occur again and again. */
const quotedModels = new Map<string, string>();

function quoteModel(model: string): string {
  let text = quotedModels.get(model);
  if (text === undefined) {
    text = JSON.stringify(model.slice(0, MAX_MODEL_CHARS));
    if (quotedModels.size >= MAX_CACHED) quotedModels.clear();
    quotedModels.set(model, text);
  }
  return text;
}

function pushText(parts: string[], name: string, value: string | null): void {
  if (value !== null) parts.push(name, value, '"');
}

/**
 * Returns the gateway's reasons, which are slugs. Error texts of providers may quote the request, so only the record
 * has them.
 */
const filterOwnReason = (reason: string | null): string | null =>
  reason !== null && /^[a-z0-9_]+$/.test(reason) ? reason : null;

const formatMs = (milliseconds: number): string => String(Math.round(milliseconds * 100) / 100);

let lastMs = 0;
let lastIso = '';

/** Formats an instant by ISO 8601. Cached, as many calls end within one millisecond. */
function formatIsoTime(now: number): string {
  if (now !== lastMs) {
    lastMs = now;
    lastIso = new Date(now).toISOString();
  }
  return lastIso;
}
