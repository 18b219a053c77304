/**
 * Owns: OAuth clients, their secrets and rotation, and what an application may use. Promises: a secret is shown once
 * and stored as a digest, with at most two live at a time; a right taken from a client ends immediately, and the module
 * that keeps its tokens is notified in the same transaction. Must not implement OAuth: the authorization server looks
 * up clients here.
 */
import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ClientCleanup } from './lifecycle/client-cleanup.js';
import { ClientTokenRevocations } from './lifecycle/client-token-revocations.js';
import { OAuthClientRotationService } from './admin/oauth-client-rotation.service.js';
import { OAuthClientChangeRecorder } from './admin/change-recorder.js';
import { OAuthClientLookup } from './authentication/oauth-client.lookup.js';
import { OAuthClientValidator } from './admin/oauth-client.validator.js';
import { OAuthClientSecretStore } from './storage/oauth-client-secret.store.js';
import { OAuthClientViewBuilder } from './admin/view-builder.js';
import { OAuthClientsController } from './admin/oauth-clients.controller.js';
import { OAuthClientsReader } from './admin/oauth-clients.reader.js';
import { OAuthClientsService } from './admin/oauth-clients.service.js';
import { SelfRegisteredClients } from './storage/self-registered-clients.js';

@Module({
  imports: [OrgsModule, KeysModule],
  controllers: [OAuthClientsController],
  providers: [
    OAuthClientLookup,
    OAuthClientSecretStore,
    ClientTokenRevocations,
    SelfRegisteredClients,
    ClientCleanup,
    OAuthClientValidator,
    OAuthClientViewBuilder,
    OAuthClientChangeRecorder,
    OAuthClientsReader,
    OAuthClientsService,
    OAuthClientRotationService,
  ],
  exports: [OAuthClientLookup, OAuthClientSecretStore, ClientTokenRevocations, SelfRegisteredClients],
})
export class ClientsModule {}
