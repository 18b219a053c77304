/** Resolves a CI job or pod to its application, by the subject and the claims of its token. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OAuthClientLookup, type OAuthClient } from '../../clients/authentication/oauth-client.lookup.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import { matchesSubject } from './subject-pattern.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

interface BindingRow {
  subject_pattern: string;
  claims: Record<string, string>;
  client_id: string;
}

@Injectable()
export class WorkloadResolver {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clients: OAuthClientLookup,
  ) {}

  /**
   * Throws TokenRefusal `workload_not_bound`, also when bindings to several applications match: the token is then
   * ambiguous.
   */
  async resolve(provider: IdentityProvider, token: ValidatedToken): Promise<OAuthClient> {
    const rows = await this.dataSource.query<BindingRow[]>(
      `SELECT b.subject_pattern, b.claims, c.client_id
         FROM workload_binding b JOIN oauth_client c ON c.id = b.oauth_client_id
        WHERE b.identity_provider_id = $1 AND c.organization_id = $2`,
      [provider.id, provider.organizationId],
    );
    const clientIds = new Set(rows.filter((row) => matchesBinding(row, token)).map((row) => row.client_id));
    if (clientIds.size !== 1) {
      const problem = clientIds.size === 0 ? 'no binding matches' : 'bindings to several applications match';
      throw new TokenRefusal('workload_not_bound', `${problem} the subject ${JSON.stringify(token.subject)}`);
    }
    const client = await this.clients.findByClientId([...clientIds][0]!);
    if (client && !client.isDisabled && client.grantType === 'client_credentials') return client;
    throw new TokenRefusal(
      'workload_not_bound',
      'the application that the workload is bound to is disabled or has users',
    );
  }
}

const matchesBinding = ({ subject_pattern: pattern, claims }: BindingRow, token: ValidatedToken): boolean =>
  matchesSubject(pattern, token.subject) &&
  Object.entries(claims).every(([name, value]) => token.claims[name] === value);
