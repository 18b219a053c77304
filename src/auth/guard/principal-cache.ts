import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/time/clock.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache } from '../../platform/events/invalidated-cache.js';
import { ERROR_CATALOG } from '../../platform/errors/error-catalog.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { Caller } from '../callers/caller.js';

const CALLER_CACHE_SIZE = 100_000;

/** Caches the caller behind a credential until an auth event ends it. Keyed by the digest of the whole credential. */
@Injectable()
export class PrincipalCache extends InvalidatedCache<Caller> {
  constructor(events: AuthEvents, clock: Clock, config: AppConfig) {
    super(events, clock, { max: CALLER_CACHE_SIZE, staleSeconds: config.auth.staleSeconds, isRefusal });
  }
}

/**
 * A refusal is a result about the caller. Every other error is an outage of the gateway or of a system it depends on.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof GatewayError && ERROR_CATALOG[error.code].status < 500;
}
