/**
 * Owns: OAuth clients, their secrets and rotation, and what an application may use. Promises: a secret is shown once
 * and stored as a digest, with at most two live at a time; a right taken from a client ends immediately, and the module
 * that keeps its tokens is notified in the same transaction. Must not implement OAuth: the authorization server looks
 * up clients here.
 */
import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { ClientDepartures } from './lifecycle/client-cleanup.js';
import { ClientTokens } from './lifecycle/client-token-revocations.js';
import { OAuthClientRotationService } from './admin/oauth-client-rotation.service.js';
import { OAuthClientChanges } from './admin/change-recorder.js';
import { OAuthClientDirectory } from './authentication/oauth-client.lookup.js';
import { OAuthClientIntake } from './admin/oauth-client.validator.js';
import { OAuthClientSecrets } from './storage/oauth-client-secret.store.js';
import { OAuthClientViews } from './admin/view-builder.js';
import { OAuthClientsController } from './admin/oauth-clients.controller.js';
import { OAuthClientsReader } from './admin/oauth-clients.reader.js';
import { OAuthClientsService } from './admin/oauth-clients.service.js';
import { SelfRegisteredClients } from './storage/self-registered-clients.js';

@Module({
  imports: [OrgsModule, KeysModule],
  controllers: [OAuthClientsController],
  providers: [
    OAuthClientDirectory,
    OAuthClientSecrets,
    ClientTokens,
    SelfRegisteredClients,
    ClientDepartures,
    OAuthClientIntake,
    OAuthClientViews,
    OAuthClientChanges,
    OAuthClientsReader,
    OAuthClientsService,
    OAuthClientRotationService,
  ],
  exports: [OAuthClientDirectory, OAuthClientSecrets, ClientTokens, SelfRegisteredClients],
})
export class ClientsModule {}
