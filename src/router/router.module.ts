/**
 * Owns: the Model Router's names for models and its list of them. Promises: a list shows what the credential can reach and
 * is not held up by a provider that is slow or down. Must not decide who may call what.
 */
import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { ModelAliasIntake } from './aliases/model-alias.intake.js';
import { ModelAliases } from './aliases/model-aliases.js';
import { ModelAliasesController } from './aliases/model-aliases.controller.js';
import { ModelAliasesReader } from './aliases/model-aliases.reader.js';
import { ModelAliasesService } from './aliases/model-aliases.service.js';

@Module({
  imports: [KeysModule],
  controllers: [ModelAliasesController],
  providers: [ModelAliasIntake, ModelAliasesReader, ModelAliasesService, ModelAliases],
  exports: [ModelAliases],
})
export class RouterModule {}
