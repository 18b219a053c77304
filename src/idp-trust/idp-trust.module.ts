/**
 * Owns: trust in identity providers, their keys, the validation of their tokens, and the users that tokens identify.
 * Promises: at most one organization accepts a token; a subject is linked to one user, once, and never by a name that
 * can change hands; a reduction of trust takes effect immediately. Must not write users or teams itself: `Provisioning`
 * does, in the provider's name.
 */
import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { EnforcedSignIn } from './enforced-sign-in.js';
import { GroupStandings } from './group-standing.js';
import { IdentityLinker } from './identity-linker.js';
import { IdentityLinks } from './identity-links.js';
import { IdentityLinksController } from './identity-links.controller.js';
import { IdentityLinksService } from './identity-links.service.js';
import { IdentityMatch } from './identity-match.js';
import { IdentityProviderIntake } from './identity-provider.intake.js';
import { IdentityProvidersController } from './identity-providers.controller.js';
import { IdentityProviderDirectory } from './identity-providers.directory.js';
import { IdentityProvidersReader } from './identity-providers.reader.js';
import { IdentityProvidersService } from './identity-providers.service.js';
import { IdpCallers } from './idp-callers.js';
import { IdpJwtStrategy } from './idp-jwt.strategy.js';
import { IssuerDiscovery } from './issuer-discovery.js';
import { JwtValidator } from './jwt-validator.js';
import { KeySetStore } from './key-set.store.js';
import { KeySets } from './key-sets.js';
import { ProxyIssuers } from './proxy-issuers.js';
import { SignInSecret } from './sign-in-secret.js';
import { TeamExternalGroupsController } from './team-external-groups.controller.js';
import { TeamExternalGroupsService } from './team-external-groups.service.js';
import { TokenTester } from './token-tester.js';
import { TrustConflicts } from './trust-conflicts.js';
import { WorkloadBindingsController } from './workload-bindings.controller.js';
import { WorkloadBindingsService } from './workload-bindings.service.js';
import { Workloads } from './workloads.js';

@Module({
  imports: [OrgsModule, KeysModule, ClientsModule],
  controllers: [
    IdentityProvidersController,
    IdentityLinksController,
    WorkloadBindingsController,
    TeamExternalGroupsController,
  ],
  providers: [
    IdentityProviderDirectory,
    IdentityProviderIntake,
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
    IdentityMatch,
    GroupStandings,
    IdentityLinks,
    IdentityLinker,
    IdentityLinksService,
    Workloads,
    ProxyIssuers,
    IdpCallers,
    IdpJwtStrategy,
    WorkloadBindingsService,
    TeamExternalGroupsService,
  ],
  exports: [EnforcedSignIn, IdentityProviderDirectory, IdentityLinker, JwtValidator, KeySets, SignInSecret, Workloads],
})
export class IdpTrustModule {}
