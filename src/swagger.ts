/** The page of the admin API's document, served from this process alone: it works without the internet. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { DOCS_CLIENT_ID, docsCallback } from './oauth/clients-of-ours.js';
import { ADMIN_SCOPES } from './oauth/scopes.js';
import { openApiDocument } from './openapi-document.js';

/** Quiet: the page is for reading. Swagger's own bar would only name Swagger. */
const STYLE = `
  .swagger-ui .topbar { display: none }
  .swagger-ui .info { margin: 32px 0 }
  .swagger-ui .info .title small pre { font-family: inherit }
  .swagger-ui .scheme-container { box-shadow: none; border-bottom: 1px solid #e3e5e8; padding: 12px 0 }
`;

const PATH = 'api/docs';

/** It gets tokens for the admin API: nobody else's page may hold it in a frame. */
const HEADERS = {
  'x-frame-options': 'DENY',
  'content-security-policy': "frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

export function setUpSwagger(nest: NestFastifyApplication, publicUrl: string): void {
  nest
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, _payload, done) => {
      if (request.raw.url!.startsWith(`/${PATH}`)) void reply.headers(HEADERS);
      done();
    });
  SwaggerModule.setup(PATH, nest, () => openApiDocument(nest, publicUrl), {
    jsonDocumentUrl: 'api/docs/openapi.json',
    yamlDocumentUrl: 'api/docs/openapi.yaml',
    customSiteTitle: 'Gatehouse admin API',
    customCss: STYLE,
    swaggerOptions: {
      persistAuthorization: false,
      oauth2RedirectUrl: docsCallback(publicUrl),
      initOAuth: { clientId: DOCS_CLIENT_ID, scopes: [...ADMIN_SCOPES], usePkceWithAuthorizationCodeGrant: true },
      displayRequestDuration: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 2,
      // Swagger's own validator would be asked over the internet.
      validatorUrl: null,
    },
  });
}
