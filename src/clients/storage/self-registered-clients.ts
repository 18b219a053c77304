/**
 * Clients that no admin created: they registered themselves (RFC 7591), or their id is the URL of a metadata document.
 * They belong to no organization. The authorization server validates their metadata before it comes here.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';

export type SelfRegistration = 'registration' | 'metadata_document';

/** The members of the metadata that are read. The complete metadata is stored too. */
interface Metadata {
  client_id: string;
  client_name?: string;
  application_type?: string;
  token_endpoint_auth_method?: string;
  redirect_uris?: string[];
  post_logout_redirect_uris?: string[];
  jwks?: object;
  jwks_uri?: string;
}

const MAX_NAME_LENGTH = 200;
/** Clients that register again at every start leave such rows behind. */
const UNUSED_DAYS = 30;
const STAMP_SECONDS = 60;

const INSERT = `
  INSERT INTO oauth_client AS c (id, client_id, source, name, grant_type, scope, application_type, token_endpoint_auth_method,
                            redirect_uris, post_logout_redirect_uris, jwks, jwks_uri, registration, created_at, updated_at)
  VALUES ($1, $2, $3, $4, 'authorization_code', 'org', $5, $6, $7::text[], $8::text[], $9::jsonb, $10, $11::jsonb, $12, $12)`;

/** Updates the client when its document is read again. Writes nothing if the document is unchanged. */
const UPDATE_ON_CONFLICT = `
  ON CONFLICT (client_id) DO UPDATE
    SET name = excluded.name, application_type = excluded.application_type,
        token_endpoint_auth_method = excluded.token_endpoint_auth_method, redirect_uris = excluded.redirect_uris,
        post_logout_redirect_uris = excluded.post_logout_redirect_uris, jwks = excluded.jwks,
        jwks_uri = excluded.jwks_uri, registration = excluded.registration, updated_at = excluded.updated_at,
        version = c.version + CASE WHEN (c.name, c.redirect_uris) IS DISTINCT FROM (excluded.name, excluded.redirect_uris)
                                   THEN 1 ELSE 0 END
  WHERE c.source = 'metadata_document' AND c.registration IS DISTINCT FROM excluded.registration`;

@Injectable()
export class SelfRegisteredClients {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores a client under its `client_id`. A metadata document that was stored before is updated. People are asked
   * again when its name or redirect URIs have changed.
   */
  async register(metadata: Record<string, unknown>, source: SelfRegistration): Promise<void> {
    if (metadata.client_secret !== undefined)
      throw new Error('a client that registers itself has no secret: none is stored in clear');
    const clientMetadata = metadata as unknown as Metadata;
    const now = this.clock.now();
    const row = [
      createId(now),
      clientMetadata.client_id,
      source,
      readName(clientMetadata),
      clientMetadata.application_type ?? 'web',
      clientMetadata.token_endpoint_auth_method ?? 'none',
      clientMetadata.redirect_uris ?? [],
      clientMetadata.post_logout_redirect_uris ?? [],
      clientMetadata.jwks ? JSON.stringify(clientMetadata.jwks) : null,
      clientMetadata.jwks_uri ?? null,
      JSON.stringify(metadata),
      new Date(now),
    ];
    await this.work.run(async (work) => {
      const rows = await work.manager.query<{ id: string }[]>(
        `${INSERT} ${source === 'metadata_document' ? UPDATE_ON_CONFLICT : ''} RETURNING id`,
        row,
      );
      for (const { id } of rows) work.announce({ tag: authTag.oauthClient(id), effect: 'changed' });
    });
  }

  /** Records that the client is in use, at most once a minute. The client is kept from then on. */
  async markUsed(clientId: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE oauth_client SET last_used_at = $2::timestamptz
        WHERE client_id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - make_interval(secs => $3))`,
      [clientId, new Date(this.clock.now()), STAMP_SECONDS],
    );
  }

  /**
   * Deletes up to `limit` clients that registered more than `UNUSED_DAYS` ago and were never used. Returns their
   * number.
   */
  async sweepUnused(now: Date, limit: number): Promise<number> {
    return this.work.run(async (work) => {
      const deleted = await work.manager.query<{ id: string }[]>(
        `WITH gone AS (
           DELETE FROM oauth_client WHERE id IN (
             SELECT id FROM oauth_client
              WHERE organization_id IS NULL AND last_used_at IS NULL
                AND created_at < $1::timestamptz - make_interval(days => $2)
              ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED)
           RETURNING id)
         SELECT id FROM gone`,
        [now, UNUSED_DAYS, limit],
      );
      for (const { id } of deleted) work.announce({ tag: authTag.oauthClient(id), effect: 'changed' });
      return deleted.length;
    });
  }
}

/** A client without a name is named by its id. */
const readName = ({ client_name, client_id }: Metadata): string =>
  (client_name?.trim() || client_id).slice(0, MAX_NAME_LENGTH);
