/**
 * Owns: the audit log. Promises: an entry stands exactly if its change does, and shows when it was changed or taken out
 * later. Must not hold a secret, and must not be written to from outside a change's own transaction.
 */
import { Global, Module } from '@nestjs/common';
import { AuditLog } from './audit-log.js';
import { AuditLogController } from './audit-log.controller.js';
import { AuditLogReader } from './audit-log.reader.js';
import { AuditSealer } from './audit-sealer.js';

@Global()
@Module({ controllers: [AuditLogController], providers: [AuditLog, AuditLogReader, AuditSealer], exports: [AuditLog] })
export class AuditModule {}
