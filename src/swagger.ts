/** The admin API's document (OpenAPI 3.0) and its page, served from this process alone: it works without the internet. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

export function openApiDocument(nest: NestFastifyApplication, publicUrl: string): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('Gatehouse admin API')
    .setDescription(
      'Organisations, people, LLM proxies, provider keys, virtual keys and the record of every call. ' +
        'Errors are RFC 9457 problem details; `code` is stable. A caller sees its own organisation only.',
    )
    .setVersion('1')
    .addServer(publicUrl)
    .addSecurity('adminApiKey', {
      type: 'http',
      scheme: 'bearer',
      description: 'An admin API key (`arch_api_…`), as `Authorization: Bearer`.',
    })
    .build();
  return SwaggerModule.createDocument(nest, document);
}

export function setUpSwagger(nest: NestFastifyApplication, publicUrl: string): void {
  SwaggerModule.setup('api/docs', nest, () => openApiDocument(nest, publicUrl), {
    jsonDocumentUrl: 'api/docs/openapi.json',
    yamlDocumentUrl: 'api/docs/openapi.yaml',
    customSiteTitle: 'Gatehouse admin API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true },
  });
}
