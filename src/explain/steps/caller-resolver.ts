/** Resolves the caller in question: from the credential itself, or from a principal. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { AuthMethods, type AuthRoute } from '../../auth/methods/auth-method.js';
import { authenticate } from '../../auth/methods/authenticate.js';
import { getUserId, type Caller } from '../../auth/callers/caller.js';
import { FailedCredentialLimiter } from '../../auth/guard/failed-credential-limiter.js';
import { isJwtShaped, readCredential } from '../../auth/credentials/presented-credential.js';
import { toApplicationCaller } from '../../clients/authentication/application-caller.js';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { VirtualKeyLookup } from '../../keys/virtual-keys/virtual-key.lookup.js';
import { toVirtualKeyCaller } from '../../keys/virtual-keys/virtual-key.strategy.js';
import { MembershipReader } from '../../orgs/users/membership.reader.js';
import { denied, notFound, validationError } from '../../admin-api/refusals.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OrgId, TeamId, UserId } from '../../platform/ids.js';
import type { ExplainBody, ExplainPrincipalBody } from './explain.dto.js';

const LLM_SCOPE: ReadonlySet<string> = new Set(['llm:proxy']);
const NOTHING: ReadonlySet<never> = new Set();

/** The subject of a question, with everything that the audit log may contain of it. */
export interface Subject {
  readonly type: 'virtual_key' | 'oauth_client' | 'user' | 'credential';
  /** Null for a credential. */
  readonly id: string | null;
  /** Authenticates the caller; throws GatewayError as the guard would. */
  readonly resolveCaller: () => Promise<Caller>;
}

@Injectable()
export class CallerResolver {
  constructor(
    private readonly dataSource: DataSource,
    private readonly methods: AuthMethods,
    private readonly limiter: FailedCredentialLimiter,
    private readonly virtualKeys: VirtualKeyLookup,
    private readonly clients: OAuthClientLookup,
    private readonly memberships: MembershipReader,
  ) {}

  /** Throws `not_found` for a principal that the actor may not ask about, and `validation_failed`. */
  async resolveSubject(actor: Actor, { principal, credential }: ExplainBody, route: AuthRoute): Promise<Subject> {
    if ((principal === undefined) === (credential === undefined))
      throw createExactlyOneError('principal, credential', '/principal');
    if (credential !== undefined) {
      if (isJwtShaped(credential)) throw createIdentityTokenError();
      return {
        type: 'credential',
        id: null,
        resolveCaller: () => this.#authenticateCredential(actor, credential, route),
      };
    }
    const { virtualKeyId, oauthClientId, userId, teamId } = principal!;
    const givenIds = [virtualKeyId, oauthClientId, userId].filter((id) => id !== undefined);
    if (givenIds.length !== 1) throw createExactlyOneError('virtualKeyId, oauthClientId, userId', '/principal');
    if (teamId !== undefined && userId === undefined)
      throw createExactlyOneError('userId with teamId', '/principal/teamId');
    if (virtualKeyId !== undefined) return this.#findVirtualKey(actor, virtualKeyId);
    if (oauthClientId !== undefined) return this.#findApplication(actor, oauthClientId);
    return this.#findUser(actor, principal as ExplainPrincipalBody & { userId: string });
  }

  async #findVirtualKey({ caller }: Actor, id: string): Promise<Subject> {
    const [row] = await this.dataSource.query<{ owner_id: string | null }[]>(
      'SELECT owner_id FROM virtual_key WHERE id = $1 AND organization_id = $2',
      [id, caller.organizationId],
    );
    if (!row || !mayExplainFor(caller, row.owner_id)) throw notFound('virtual key', id);
    const resolveCaller = async (): Promise<Caller> => {
      const key = await this.virtualKeys.findById(id, caller.organizationId);
      if (!key) throw notFound('virtual key', id);
      if (key.keyType === 'passthrough') throw createPassthroughKeyError();
      return toVirtualKeyCaller(key);
    };
    return { type: 'virtual_key', id, resolveCaller: resolveCaller };
  }

  async #findApplication({ caller }: Actor, id: string): Promise<Subject> {
    const [row] = await this.dataSource.query<{ id: string; client_id: string; owner_id: string | null }[]>(
      'SELECT id, client_id, owner_id FROM oauth_client WHERE organization_id = $1 AND (id::text = lower($2) OR client_id = $2)',
      [caller.organizationId, id],
    );
    if (!row || !mayExplainFor(caller, row.owner_id)) throw notFound('OAuth client', id);
    return {
      type: 'oauth_client',
      id: row.id,
      resolveCaller: () => this.#resolveApplicationCaller(row.client_id, caller.organizationId),
    };
  }

  async #resolveApplicationCaller(clientId: string, organizationId: OrgId): Promise<Caller> {
    const client = await this.clients.findByClientId(clientId);
    if (!client || client.isDisabled)
      throw createCredentialInvalidError('client_disabled', 'This application is disabled.');
    if (client.grantType !== 'client_credentials') {
      throw createCredentialInvalidError(
        'client_acts_for_users',
        'This application calls only for its users. Explain a call of one of them instead.',
      );
    }
    const none = { credentialId: client.id, expiresAt: null, tags: [] };
    return { ...toApplicationCaller(client, organizationId), ...none, scopes: LLM_SCOPE };
  }

  async #findUser({ caller }: Actor, { userId, teamId }: ExplainPrincipalBody & { userId: string }): Promise<Subject> {
    const user = mayExplainFor(caller, userId) ? await this.memberships.findByUser(userId as UserId) : null;
    if (user?.organizationId !== caller.organizationId) throw notFound('user', userId);
    const resolveCaller = async (): Promise<Caller> => {
      if (user.isDisabled) throw createCredentialInvalidError('user_disabled', 'This user is disabled.');
      if (teamId !== undefined && !user.teams.some(({ id }) => id === teamId)) {
        throw new GatewayError('team_not_allowed', 'The user is not in the chosen team.');
      }
      return {
        method: 'oauth-user',
        subject: { type: 'user', id: user.userId, viaClient: null },
        organizationId: user.organizationId,
        scopes: LLM_SCOPE,
        permissions: NOTHING,
        keySource: { kind: 'member', userId: user.userId, teamId: (teamId ?? null) as TeamId | null },
        proxyAccess: { proxyIds: null, teamIds: new Set(user.teams.map(({ id }) => id)) },
        allowedModels: null,
        credentialId: user.userId,
        expiresAt: null,
        tags: [],
      };
    };
    return { type: 'user', id: userId, resolveCaller: resolveCaller };
  }

  /** Authenticates as the guard does, without its cache. Failed attempts count as guesses here too. */
  async #authenticateCredential(actor: Actor, credential: string, route: AuthRoute): Promise<Caller> {
    const headers = ['authorization', `Bearer ${credential}`];
    const presented = readCredential(headers, '/', { apiKeyWins: false, queryKey: false });
    const method = presented && this.methods.findOwner(presented);
    if (!presented || !method)
      throw createCredentialInvalidError('no_method', 'This kind of credential is not accepted.');
    if (!method.surfaces.includes(route.surface)) {
      throw new GatewayError(
        'method_not_accepted',
        `A credential of this kind (${method.name}) is not accepted on the ${route.surface}.`,
      );
    }
    this.limiter.check(actor.clientAddress, presented.digest);
    try {
      const { value: caller } = await authenticate(
        method,
        { admission: { presented, route, method: method.name } },
        {},
      );
      checkMayExplain(actor.caller, caller);
      return caller;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'credential_invalid')
        await this.limiter.recordFailure(actor.clientAddress, presented.digest);
      throw error;
    }
  }
}

/** Whether the asker may ask about a user. Without `explain:read` only about themselves. */
function mayExplainFor(actor: Caller, userId: string | null): boolean {
  return actor.permissions.has('explain:read') || (userId !== null && userId === getUserId(actor));
}

/**
 * Rejects credentials of other organizations as unknown, and other people's without `explain:read`. A provider key
 * needs no permission: it identifies only its holder.
 */
function checkMayExplain(actor: Caller, caller: Caller): void {
  if (caller.organizationId !== actor.organizationId) {
    throw createCredentialInvalidError('other_organisation', 'This credential is not known in your organization.');
  }
  if (caller.subject.type !== 'key-holder' && !mayExplainFor(actor, getUserId(caller)))
    throw denied('Without the permission explain:read you may only explain calls with your own credentials.');
}

const createCredentialInvalidError = (reason: string, detail: string): GatewayError =>
  new GatewayError('credential_invalid', detail, { reason });

const createPassthroughKeyError = (): GatewayError =>
  new GatewayError(
    'credential_wrong_header',
    "This is a passthrough key: calls use the provider's credential that they also send.",
  );

function createExactlyOneError(fields: string, pointer: string): GatewayError {
  const detail = `Give exactly one of ${fields}.`;
  return validationError({ pointer, detail });
}

function createIdentityTokenError(): GatewayError {
  const detail =
    'To test a token of an identity provider, use POST /api/identity-providers/{id}/test-token. To explain its calls, name the user of the token.';
  return validationError({ pointer: '/credential', detail });
}
