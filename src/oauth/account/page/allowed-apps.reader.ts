/**
 * Lists the apps that a person has allowed to act for them. An app is identified by the id of a consent, because its
 * client id may be a URL.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { UserId } from '../../../platform/ids.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { buildFirstPartyClients } from '../../protocol/first-party-clients.js';
import { describeScopes, getRedirectHost } from '../../consent/page/consent-request.js';
import type { AllowedAppRow } from '../../pages/account/allowed-apps.js';
import { ALL_SCOPES } from '../../protocol/scopes.js';
import { accountPaths } from '../../pages/account/paths.js';

interface Row {
  id: string;
  client_id: string;
  /** Null for first-party clients, which have no row. */
  name: string | null;
  redirect_uris: string[] | null;
  /** One list per resource. */
  scopes: string[][];
  since: Date;
  last_used_at: Date;
}

/** An app counts as used when it is authorized without a question, and whenever it fetches tokens on a live grant. */
const QUERY = `
  SELECT (array_agg(c.id ORDER BY c.granted_at, c.id))[1] AS id, c.client_id, k.name, k.redirect_uris,
         json_agg(c.scopes) AS scopes, min(c.granted_at) AS since,
         GREATEST(max(c.last_used_at), (SELECT max(a.created_at)
                    FROM oauth_grant g JOIN oauth_artifact a ON a.grant_id = g.id
                   WHERE g.user_id = $1 AND g.client_id = c.client_id)) AS last_used_at
    FROM oauth_consent c LEFT JOIN oauth_client k ON k.client_id = c.client_id
   WHERE c.user_id = $1
   GROUP BY c.client_id, k.name, k.redirect_uris
   ORDER BY last_used_at DESC, c.client_id`;

@Injectable()
export class AllowedAppsReader {
  readonly #issuer: string;

  constructor(
    private readonly dataSource: DataSource,
    config: AppConfig,
  ) {
    this.#issuer = config.http.publicUrl;
  }

  async list(userId: UserId): Promise<AllowedAppRow[]> {
    const rows = await this.dataSource.query<Row[]>(QUERY, [userId]);
    return rows.map((row) => {
      const firstParty = buildFirstPartyClients(this.#issuer).find((client) => client.client_id === row.client_id);
      const uris = row.redirect_uris ?? firstParty?.redirect_uris ?? [];
      const hosts = [...new Set(uris.map(getRedirectHost))].join(', ');
      const allowed = new Set(row.scopes.flat());
      return {
        id: row.id,
        name: row.name ?? firstParty?.client_name ?? row.client_id,
        ...(hosts === '' ? {} : { host: hosts }),
        scopes: describeScopes(ALL_SCOPES.filter((scope) => allowed.has(scope))),
        since: row.since,
        lastUsedAt: row.last_used_at,
        revokeAction: accountPaths.revokeApp(row.id),
      };
    });
  }

  /** Returns the `client_id` of the app behind one of the person's consents. Throws `not_found`. */
  async findClientId(userId: UserId, consentId: string): Promise<string> {
    const [row] = await this.dataSource.query<{ client_id: string }[]>(
      'SELECT client_id FROM oauth_consent WHERE user_id = $1 AND id = $2',
      [userId, consentId],
    );
    if (!row) throw new GatewayError('not_found', 'You have not allowed such an app, or have revoked it already.');
    return row.client_id;
  }
}
