/** Owns: liveness and readiness. Must not do work of its own: a probe that is expensive is an outage of its own making. */
import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';

@Module({ controllers: [HealthController], providers: [Readiness], exports: [Readiness] })
export class HealthModule {}
