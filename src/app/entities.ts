/** All entities of the database. Commands that need no modules open the database with these alone. */
import { AuditChainHeadEntity } from '../audit/chain/head.entity.js';
import { AuditEntryEntity } from '../audit/entries/audit-entry.entity.js';
import { OAuthClientSecretEntity } from '../clients/storage/oauth-client-secret.entity.js';
import { OAuthClientEntity } from '../clients/storage/oauth-client.entity.js';
import { InteractionContentEntity } from '../content/interaction-content.entity.js';
import { IdentityLinkEntity } from '../idp-trust/identity-links/identity-link.entity.js';
import { IdentityProviderEntity } from '../idp-trust/settings/identity-provider.entity.js';
import { KeySetEntity } from '../idp-trust/jwks/key-set.entity.js';
import { TeamExternalGroupEntity } from '../idp-trust/external-groups/team-external-group.entity.js';
import { WorkloadBindingEntity } from '../idp-trust/workloads/workload-binding.entity.js';
import { AdminApiKeyEntity } from '../keys/admin-api-keys/admin-api-key.entity.js';
import { KeyBindingEntity } from '../keys/key-bindings/key-binding.entity.js';
import { ProviderKeyEntity } from '../keys/credentials/provider-key.entity.js';
import { VirtualKeySecretEntity } from '../keys/virtual-keys/virtual-key-secret.entity.js';
import { VirtualKeyEntity } from '../keys/virtual-keys/virtual-key.entity.js';
import { LlmProxyEntity } from '../orgs/llm-proxies/llm-proxy.entity.js';
import { ConsentEntity } from '../oauth/consent/consent.entity.js';
import { IdpSessionEntity } from '../oauth/idp-logout/idp-session.entity.js';
import { SigningKeyEntity } from '../oauth/signing-keys/signing-key.entity.js';
import { ArtifactEntity } from '../oauth/storage/artifacts/artifact.entity.js';
import { GrantEntity } from '../oauth/storage/grant.entity.js';
import { CustomRoleEntity } from '../orgs/users/custom-role.entity.js';
import { OrganizationEntity } from '../orgs/organization/organization.entity.js';
import { TeamMemberEntity } from '../orgs/teams/team-member.entity.js';
import { TeamEntity } from '../orgs/teams/team.entity.js';
import { UserEntity } from '../orgs/users/user.entity.js';
import { ModelAliasEntity } from '../router/aliases/model-alias.entity.js';
import { InteractionEntity } from '../usage/interactions/interaction.entity.js';
import { LimitEntity } from '../usage/limits/definitions/limit.entity.js';
import { ModelPriceOverrideEntity } from '../usage/prices/model-price-override.entity.js';
import { WebhookDeliveryEntity } from '../webhooks/entities/webhook-delivery.entity.js';
import { WebhookEntity } from '../webhooks/entities/webhook.entity.js';

export const ENTITIES = [
  OrganizationEntity,
  UserEntity,
  CustomRoleEntity,
  TeamEntity,
  TeamMemberEntity,
  LlmProxyEntity,
  ProviderKeyEntity,
  VirtualKeyEntity,
  VirtualKeySecretEntity,
  KeyBindingEntity,
  AdminApiKeyEntity,
  OAuthClientEntity,
  OAuthClientSecretEntity,
  AuditEntryEntity,
  AuditChainHeadEntity,
  InteractionEntity,
  ModelPriceOverrideEntity,
  LimitEntity,
  ModelAliasEntity,
  WebhookEntity,
  WebhookDeliveryEntity,
  InteractionContentEntity,
  ArtifactEntity,
  GrantEntity,
  ConsentEntity,
  SigningKeyEntity,
  IdpSessionEntity,
  IdentityProviderEntity,
  IdentityLinkEntity,
  KeySetEntity,
  TeamExternalGroupEntity,
  WorkloadBindingEntity,
] as const;
