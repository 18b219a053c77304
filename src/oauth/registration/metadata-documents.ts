/** Clients whose id is the URL of a document about them (OAuth Client ID Metadata Document, draft -02). */
import { Injectable } from '@nestjs/common';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from '../oidc-library/oidc-provider.js';
import { SelfRegisteredClients } from '../../clients/storage/self-registered-clients.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { checkMetadataDocument } from './client-metadata.validator.js';
import { DynamicClientRegistration } from './dynamic-client-registration.js';

@Injectable()
export class MetadataDocuments {
  constructor(
    private readonly registration: DynamicClientRegistration,
    private readonly registered: SelfRegisteredClients,
    private readonly logger: AppLogger,
  ) {}

  /** A stranger can trigger each fetch. The egress limits its targets; this limits its frequency. */
  allowFetch(ctx: KoaContextWithOIDC, _id: string): Promise<boolean> {
    return this.registration.countRequest(ctx, 'metadata-document');
  }

  /** Stores a record of the client, so that consents, tokens and calls can refer to it. */
  async allow(client: Client): Promise<boolean> {
    const metadata = client.metadata();
    try {
      checkMetadataDocument(metadata);
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      this.logger.pino.info(
        { clientId: client.clientId, reason: error.error_description },
        'a client metadata document was rejected',
      );
      return false;
    }
    await this.registered.register({ ...metadata, client_id: client.clientId }, 'metadata_document');
    return true;
  }
}
