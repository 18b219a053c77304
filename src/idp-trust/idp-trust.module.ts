/**
 * Owns: trust in identity providers, their keys, the validation of their tokens, and the users that tokens identify.
 * Promises: at most one organization accepts a token; a subject is linked to one user, once, and never by a name that
 * can change hands; a reduction of trust takes effect immediately. Must not write users or teams itself: `ProvisioningService`
 * does, in the provider's name.
 */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { EnforcedSignIn } from './changes/enforced-sign-in.js';
import { GroupMapper } from './external-groups/group-mapping.js';
import { IdentityLinker } from './identity-links/identity-linker.js';
import { IdentityLinkWriter } from './identity-links/identity-link.writer.js';
import { IdentityLinksController } from './identity-links/identity-links.controller.js';
import { IdentityLinksReader } from './identity-links/identity-links.reader.js';
import { IdentityLinksService } from './identity-links/identity-links.service.js';
import { IdentityMatcher } from './identity-links/identity-match.js';
import { IdentityProviderValidator } from './identity-providers/identity-provider.validator.js';
import { IdentityProvidersController } from './admin/identity-providers.controller.js';
import { IdentityProviderLookup } from './identity-providers/identity-provider.lookup.js';
import { IdentityProvidersReader } from './identity-providers/identity-providers.reader.js';
import { IdentityProvidersService } from './identity-providers/identity-providers.service.js';
import { IdpCallers } from './authentication/idp-callers.js';
import { IdpJwtStrategy } from './authentication/idp-jwt.strategy.js';
import { IssuerDiscovery } from './identity-providers/issuer-discovery.js';
import { JwtValidator } from './token-validation/jwt.validator.js';
import { KeySetStore } from './jwks/key-set.store.js';
import { KeySets } from './jwks/key-sets.js';
import { ProxyIssuers } from './authentication/proxy-issuers.js';
import { SignInSecret } from './identity-providers/sign-in-secret.js';
import { TeamExternalGroupsController } from './external-groups/team-external-groups.controller.js';
import { TeamExternalGroupsReader } from './external-groups/team-external-groups.reader.js';
import { TeamExternalGroupsService } from './external-groups/team-external-groups.service.js';
import { TokenTester } from './admin/token-tester.js';
import { TrustConflicts } from './changes/trust-conflicts.js';
import { WorkloadBindingsController } from './workloads/workload-bindings.controller.js';
import { WorkloadBindingsReader } from './workloads/workload-bindings.reader.js';
import { WorkloadBindingsService } from './workloads/workload-bindings.service.js';
import { WorkloadResolver } from './workloads/workload-resolver.js';

@Module({
  imports: [OrgsModule, KeysModule, ClientsModule],
  controllers: [
    IdentityProvidersController,
    IdentityLinksController,
    WorkloadBindingsController,
    TeamExternalGroupsController,
  ],
  providers: [
    IdentityProviderLookup,
    IdentityProviderValidator,
    IdentityProvidersReader,
    IdentityProvidersService,
    IssuerDiscovery,
    EnforcedSignIn,
    TrustConflicts,
    SignInSecret,
    KeySetStore,
    KeySets,
    JwtValidator,
    TokenTester,
    IdentityMatcher,
    GroupMapper,
    IdentityLinkWriter,
    IdentityLinker,
    IdentityLinksReader,
    IdentityLinksService,
    WorkloadResolver,
    ProxyIssuers,
    IdpCallers,
    IdpJwtStrategy,
    WorkloadBindingsReader,
    WorkloadBindingsService,
    TeamExternalGroupsReader,
    TeamExternalGroupsService,
  ],
  exports: [
    EnforcedSignIn,
    IdentityProviderLookup,
    IdentityLinker,
    JwtValidator,
    KeySets,
    SignInSecret,
    WorkloadResolver,
  ],
})
export class IdpTrustModule {}
