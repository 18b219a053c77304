/** The only file that knows every module. */
import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ExplainModule } from '../explain/explain.module.js';
import { ContentModule } from '../content/content.module.js';
import { HealthModule } from '../health/health.module.js';
import { IdpTrustModule } from '../idp-trust/idp-trust.module.js';
import { AdminApiKeysModule } from '../keys/admin-api-keys/admin-api-keys.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { OrgsModule } from '../orgs/orgs.module.js';
import { OpenApiModule } from '../openapi/openapi.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { PlatformModule, type PlatformResources } from '../platform/platform.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { ProxyModule } from '../proxy/proxy.module.js';
import { RouterModule } from '../router/router.module.js';
import { ScimModule } from '../scim/scim.module.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';
import { LimitsModule } from '../usage/limits/limits.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';

@Module({})
export class AppModule {
  static forRoot(resources: PlatformResources): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(resources),
        AuthModule,
        HealthModule,
        AuditModule,
        OutboxModule,
        OrgsModule,
        KeysModule,
        AdminApiKeysModule,
        UsageModule,
        LimitsModule,
        PolicyModule,
        ContentModule,
        ClientsModule,
        WebhooksModule,
        ProxyModule,
        RouterModule,
        IdpTrustModule,
        TelemetryModule,
        OAuthModule,
        ScimModule,
        ExplainModule,
        OpenApiModule,
      ],
    };
  }
}
