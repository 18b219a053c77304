/**
 * Validates an OAuth client that an admin sends and prepares it for storage. Every reference must be inside the
 * caller's organization.
 */
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { checkTeamCount, requireReferences } from '../../keys/ownership/reference-checks.js';
import { checkMayManage } from '../../keys/ownership/key-access.policy.js';
import type { KeyActor } from '../../keys/ownership/key-actor.reader.js';
import { checkPayer } from '../../keys/key-bindings/payer-team.js';
import { denied, validationError } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { Egress } from '../../platform/egress/egress.js';
import { createId } from '../../platform/ids.js';
import { findProfileFaults } from '../metadata/client-profile.js';
import { hasAppearanceChanged } from './auth-effect.js';
import { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import type { CreateOAuthClientBody, UpdateOAuthClientBody } from './oauth-clients.dto.js';
import { readPublicJwks, type PublicJwks } from '../metadata/public-jwks.js';

/** 128 bits: a client id is not secret, but must not be guessable. */
const CLIENT_ID_BYTES = 16;

@Injectable()
export class OAuthClientValidator {
  constructor(
    private readonly egress: Egress,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a new client, not yet stored. Only a personal client has an owner: clients of teams and of the organization
   * outlive people.
   */
  draft(actor: KeyActor, body: CreateOAuthClientBody): OAuthClientEntity {
    const now = new Date(this.clock.now());
    const scope = body.scope ?? 'personal';
    const row = Object.assign(new OAuthClientEntity(), {
      id: createId<string>(now.getTime()),
      clientId: `llm_oauth_${randomBytes(CLIENT_ID_BYTES).toString('base64url')}`,
      organizationId: actor.organizationId,
      source: 'admin',
      grantType: body.grantType,
      scope,
      ownerId: scope === 'personal' ? actor.userId : null,
      registeredBy: actor.userId,
      registeredAt: now,
      teamIds: [],
      payerTeamId: null,
      applicationType: 'web',
      tokenEndpointAuthMethod: body.jwks || body.jwksUri ? 'private_key_jwt' : 'client_secret_basic',
      redirectUris: [],
      postLogoutRedirectUris: [],
      jwks: null,
      jwksUri: null,
      allowedProxyIds: [],
      mayIntrospect: false,
      tokenLifetimeSeconds: null,
      registration: null,
      version: 1,
      tokenEpoch: 0,
      isDisabled: false,
      createdAt: now,
      updatedAt: now,
      lastUsedAt: null,
    });
    this.#applyFields(row, body);
    checkTeamCount('client', scope, row.teamIds);
    return row;
  }

  /**
   * Applies the body to the row. A client that looks different to people gets a new version, and the person who made
   * that change becomes its registrant.
   */
  apply(actor: KeyActor, row: OAuthClientEntity, body: UpdateOAuthClientBody): void {
    const before = { ...row };
    this.#applyFields(row, body);
    // A client whose last team was deleted is disabled. It stays so until it gets another team.
    if (body.teamIds !== undefined || !row.isDisabled) checkTeamCount('client', row.scope, row.teamIds);
    row.updatedAt = new Date(this.clock.now());
    if (!hasAppearanceChanged(before, row)) return;
    row.version++;
    row.registeredBy = actor.userId;
    row.registeredAt = row.updatedAt;
  }

  /**
   * Throws `validation_failed` for references that the organization does not have, `permission_denied` when the actor
   * may not have such a client.
   */
  async checkReferences(
    manager: EntityManager,
    actor: KeyActor,
    row: OAuthClientEntity,
    body: UpdateOAuthClientBody,
    payerBefore: string | null,
  ): Promise<void> {
    await checkPayer(manager, actor, payerBefore, row.payerTeamId);
    await requireReferences(manager, 'team', actor, body.teamIds ?? [], '/teamIds', 'FOR KEY SHARE');
    await requireReferences(manager, 'llm_proxy', actor, body.allowedLlmProxyIds ?? [], '/allowedLlmProxyIds', '');
    checkMayManage(actor, row);
    if (body.mayIntrospect && !actor.permissions.has('org_key:write'))
      throw denied("To let a client introspect the organization's tokens you need the permission org_key:write.");
    if (row.grantType === 'authorization_code' && body.providerApiKeys?.length)
      throw validationError({
        pointer: '/providerApiKeys',
        detail: 'An application with users calls with their keys, not with keys of its own. Leave them out.',
      });
  }

  #applyFields(row: OAuthClientEntity, body: UpdateOAuthClientBody): void {
    const changes: Partial<OAuthClientEntity> = {
      name: body.name,
      applicationType: body.applicationType,
      tokenEndpointAuthMethod: body.tokenEndpointAuthMethod,
      redirectUris: body.redirectUris,
      postLogoutRedirectUris: orEmpty(body.postLogoutRedirectUris),
      teamIds: body.teamIds,
      payerTeamId: body.payerTeamId,
      allowedProxyIds: orEmpty(body.allowedLlmProxyIds),
      jwks: body.jwks ? toStorableJwks(body.jwks) : body.jwks,
      jwksUri: body.jwksUri ? this.egress.checkUrl(body.jwksUri, '/jwksUri').href : body.jwksUri,
      mayIntrospect: body.mayIntrospect,
      tokenLifetimeSeconds: body.tokenLifetimeSeconds,
      isDisabled: body.isDisabled,
    };
    Object.assign(row, Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)));
    const faults = findProfileFaults(row);
    if (faults.length > 0) throw validationError(...faults);
  }
}

function toStorableJwks(jwks: object): PublicJwks {
  const read = readPublicJwks(jwks);
  if ('faults' in read) throw validationError(...read.faults);
  return read.jwks;
}

const orEmpty = (list: string[] | null | undefined): string[] | undefined => (list === null ? [] : list);
