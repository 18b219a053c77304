/**
 * Owns: the audit log. Promises: an entry exists exactly if its change does, and shows later changes to it or its
 * removal. Must not contain a secret, and must not be written outside of the transaction of a change.
 */
import { Global, Module } from '@nestjs/common';
import { AuditLog } from './entries/audit-log.js';
import { AuditLogController } from './entries/audit-log.controller.js';
import { AuditLogReader } from './entries/audit-log.reader.js';
import { AuditSealer } from './chain/sealer.js';

@Global()
@Module({ controllers: [AuditLogController], providers: [AuditLog, AuditLogReader, AuditSealer], exports: [AuditLog] })
export class AuditModule {}
