import { Controller, Get, Param } from '@nestjs/common';
import { SignedIn } from '../../auth/methods/route-access.js';
import { notFound } from '../../admin-api/refusals.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { createListResponse, MAX_RESULTS } from '../resources/list-query.js';
import { RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA, SERVICE_PROVIDER_CONFIG_SCHEMA } from '../protocol/schema-names.js';
import { SCIM_PATH, ScimSurface } from '../protocol/scim-surface.js';
import { RESOURCE_TYPES, SCHEMAS } from './scim-schemas.js';

/** Discovery endpoints: features, resource types and schemas (RFC 7644 §4). */
@ScimSurface()
@SignedIn()
@Controller(SCIM_PATH)
export class ScimDiscoveryController {
  readonly #base: string;

  constructor(config: AppConfig) {
    this.#base = `${config.http.publicUrl}/${SCIM_PATH}`;
  }

  @Get('ServiceProviderConfig')
  serviceProviderConfig(): object {
    return {
      schemas: [SERVICE_PROVIDER_CONFIG_SCHEMA],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: MAX_RESULTS },
      changePassword: { supported: false },
      sort: { supported: false },
      etag: { supported: false },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'Bearer',
          description: 'An admin API key, or an access token with the scope admin:write, of an owner or admin.',
          specUri: 'https://www.rfc-editor.org/info/rfc6750',
          primary: true,
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${this.#base}/ServiceProviderConfig` },
    };
  }

  @Get('ResourceTypes')
  resourceTypes(): object {
    return createListResponse(RESOURCE_TYPES.map(this.#toResourceType), RESOURCE_TYPES.length, 1);
  }

  @Get('ResourceTypes/:name')
  resourceType(@Param('name') name: string): object {
    const type = RESOURCE_TYPES.find((each) => each.id === name);
    if (!type) throw notFound('resource type', name);
    return this.#toResourceType(type);
  }

  @Get('Schemas')
  schemas(): object {
    return createListResponse(SCHEMAS.map(this.#toSchema), SCHEMAS.length, 1);
  }

  @Get('Schemas/:id')
  schema(@Param('id') id: string): object {
    const schema = SCHEMAS.find((each) => each.id.toLowerCase() === id.toLowerCase());
    if (!schema) throw notFound('schema', id);
    return this.#toSchema(schema);
  }

  readonly #toResourceType = (type: (typeof RESOURCE_TYPES)[number]): object => ({
    schemas: [RESOURCE_TYPE_SCHEMA],
    ...type,
    schemaExtensions: [],
    meta: { resourceType: 'ResourceType', location: `${this.#base}/ResourceTypes/${type.id}` },
  });

  readonly #toSchema = (schema: (typeof SCHEMAS)[number]): object => ({
    schemas: [SCHEMA_SCHEMA],
    ...schema,
    meta: { resourceType: 'Schema', location: `${this.#base}/Schemas/${schema.id}` },
  });
}
