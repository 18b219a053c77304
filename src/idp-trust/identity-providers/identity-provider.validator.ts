/** Validates an identity provider that an admin sends, and prepares it for storage. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { toBuiltInRole, requireMayGrant } from '../../orgs/users/role.policy.js';
import { Clock } from '../../platform/time/clock.js';
import { Egress } from '../../platform/egress/egress.js';
import { validationError } from '../../admin-api/refusals.js';
import { createId } from '../../platform/ids.js';
import { applyMergePatch } from '../settings/claim-rules.js';
import { changesTrust } from '../changes/auth-effect.js';
import { checkProfile } from '../settings/profile.js';
import { IdentityProviderEntity } from '../settings/identity-provider.entity.js';
import type { CreateIdentityProviderBody, UpdateIdentityProviderBody } from '../settings/identity-providers.dto.js';
import { IssuerDiscovery } from './issuer-discovery.js';
import { getPreset, detectPreset } from '../presets/preset-registry.js';
import { SignInSecret } from './sign-in-secret.js';

const DAY_SECONDS = 86_400;
const DEFAULT_LEEWAY_SECONDS = 30;

@Injectable()
export class IdentityProviderValidator {
  constructor(
    private readonly egress: Egress,
    private readonly discovery: IssuerDiscovery,
    private readonly secret: SignInSecret,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a new provider, not yet stored. May send requests to the issuer, so it must not run within a transaction.
   */
  async draft(actor: Actor, body: CreateIdentityProviderBody): Promise<IdentityProviderEntity> {
    const now = new Date(this.clock.now());
    const preset = body.preset === undefined ? detectPreset(body.issuer) : getPreset(body.preset);
    const row = Object.assign(new IdentityProviderEntity(), {
      id: createId<string>(now.getTime()),
      organizationId: actor.caller.organizationId,
      providerId: body.providerId,
      name: body.providerId,
      kind: body.kind ?? preset.kind,
      preset: preset.id,
      issuer: body.issuer,
      jwksUrl: '',
      endpoints: null,
      extraAudiences: preset.listExtraAudiences(body.issuer).filter((audience) => !body.audiences.includes(audience)),
      algorithms: [...preset.algorithms],
      tokenTypes: [...preset.tokenTypes],
      authorizedParties: [],
      acceptIdTokens: preset.acceptIdTokens,
      maxAgeSeconds: DAY_SECONDS,
      leewaySeconds: DEFAULT_LEEWAY_SECONDS,
      requiredClaims: {},
      claimMapping: preset.claimMapping,
      emailLinkPolicy: 'off',
      verifiedDomains: [],
      createUsers: false,
      groupRoles: [],
      clientId: null,
      sealedClientSecret: null,
      enforceSignIn: false,
      isDisabled: false,
      linksOwners: false,
      version: 0,
      createdAt: now,
    });
    this.apply(actor, row, body);
    return Object.assign(row, await this.locate(row, body));
  }

  /** Applies the body to the row, except for the key and sign-in endpoints. */
  apply(actor: Actor, row: IdentityProviderEntity, body: UpdateIdentityProviderBody): void {
    checkFixed(row, body);
    const { jwksUrl: _, clientSecret, claimMapping, requiredClaims, ...plain } = body;
    Object.assign(row, Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)));
    const defaults = getPreset(row.preset).claimMapping;
    row.claimMapping = { ...defaults, ...applyMergePatch(row.claimMapping, claimMapping) };
    row.requiredClaims = applyMergePatch(row.requiredClaims, requiredClaims);
    if (clientSecret !== undefined)
      row.sealedClientSecret = clientSecret === null ? null : this.secret.seal(clientSecret, row.id);
    const faults = checkProfile({ ...row, hasClientSecret: row.sealedClientSecret !== null });
    if (faults.length > 0) throw validationError(...faults);
    // The issuer is an identifier and is not fetched; but plain http is only for hosts that the operator has listed.
    if (!row.issuer.startsWith('https:')) this.egress.checkUrl(row.issuer, '/issuer');
    for (const { role } of body.groupRoles ?? []) requireMayGrant(actor.caller, toBuiltInRole(role));
    if (changesTrust(body)) row.linksOwners = actor.caller.permissions.has('owner:write');
    row.version++;
    row.updatedAt = new Date(this.clock.now());
  }

  /**
   * Resolves the key and sign-in endpoints if they change. May send requests to the issuer: not within a transaction.
   */
  async locate(
    { issuer, clientId, ...present }: IdentityProviderEntity,
    { jwksUrl: newJwksUrl }: UpdateIdentityProviderBody,
  ): Promise<LocatedEndpoints> {
    const located: LocatedEndpoints = {};
    if (newJwksUrl) located.jwksUrl = this.egress.checkUrl(newJwksUrl, '/jwksUrl').href;
    if (!newJwksUrl && (newJwksUrl === null || present.jwksUrl === '')) {
      Object.assign(located, await this.discovery.discover(issuer, '/issuer'));
    } else if (clientId !== null && present.endpoints === null) {
      located.endpoints = (await this.discovery.discover(issuer, '/issuer')).endpoints;
    }
    if (clientId !== null && (located.endpoints ?? present.endpoints) === null)
      throw validationError({
        pointer: '/clientId',
        detail: 'The issuer publishes no authorization_endpoint or no token_endpoint. Leave clientId out.',
      });
    return located;
  }
}

export type LocatedEndpoints = Partial<Pick<IdentityProviderEntity, 'jwksUrl' | 'endpoints'>>;

/** Links, groups and keys depend on these fields: changing them would make it another provider. */
function checkFixed(row: IdentityProviderEntity, body: UpdateIdentityProviderBody): void {
  const faults = (['providerId', 'issuer', 'kind'] as const).flatMap((field) =>
    body[field] === undefined || body[field] === row[field]
      ? []
      : [{ pointer: `/${field}`, detail: `The ${field} cannot be changed. Create another identity provider instead.` }],
  );
  if (faults.length > 0) throw validationError(...faults);
}
