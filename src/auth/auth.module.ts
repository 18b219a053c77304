/**
 * Owns: the guard, the shape of a caller, the registry of authentication methods, the principal cache. Promises: the
 * one guard decides on every request; a refusal is final; the body is unread until the caller is known. Must not know
 * any method, any provider or any table.
 */
import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthMethods } from './methods/auth-method.js';
import { AuthTimings } from './guard/auth-timings.js';
import { CallerGuard } from './guard/caller.guard.js';
import { FailedCredentialLimiter } from './guard/failed-credential-limiter.js';
import { PrincipalCache } from './guard/principal-cache.js';

@Global()
@Module({
  providers: [
    AuthMethods,
    AuthTimings,
    PrincipalCache,
    FailedCredentialLimiter,
    { provide: APP_GUARD, useClass: CallerGuard },
  ],
  exports: [AuthMethods, AuthTimings, PrincipalCache, FailedCredentialLimiter],
})
export class AuthModule {}
