/** One line per LLM call, written when it is over. Never a header, a body or a query. */
import { Injectable } from '@nestjs/common';
import { ERROR_CATALOGUE, type ErrorCode } from '../platform/errors/error-catalogue.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { InteractionRecord } from '../usage/interaction-record.js';
import { UsageRecorder } from '../usage/usage-recorder.js';

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

/** The line, in the form of the logger's own. `method` is the way in. Milliseconds are rounded to hundredths. */
function callLine(level: string, record: InteractionRecord): string {
  const { usage } = record;
  // What is undefined is left out.
  const line = JSON.stringify({
    level,
    time: new Date().toISOString(),
    requestId: record.requestId,
    surface: record.surface,
    method: record.authMethod ?? undefined,
    organisationId: record.organisationId ?? undefined,
    credentialId: record.caller?.credentialId,
    provider: record.provider ?? undefined,
    operation: record.operation ?? undefined,
    model: record.requestedModel ?? undefined,
    status: record.status,
    outcome: record.outcome,
    code: record.errorCode ?? undefined,
    reason: ownReason(record.errorReason),
    ms: rounded(record.durationMs),
    firstByteMs: record.firstByteMs === null ? undefined : rounded(record.firstByteMs),
    inputTokens: usage?.inputTokens,
    cachedInputTokens: usage?.cachedInputTokens,
    outputTokens: usage?.outputTokens,
    reasoningTokens: usage?.reasoningTokens,
    estimated: record.estimated || undefined,
    costUsd: record.costMicroUsd === null ? undefined : record.costMicroUsd / 1e6,
    msg: 'call',
  });
  return `${line}\n`;
}

/** Reasons of ours are slugs. Providers' error texts may quote the request, so they stay in the record. */
const ownReason = (reason: string | null): string | undefined =>
  reason !== null && /^[a-z0-9_]+$/.test(reason) ? reason : undefined;

const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
