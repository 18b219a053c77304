/** The page of the admin API's document, served entirely from this process: it works without the internet. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { DOCS_CLIENT_ID, buildDocsCallbackUrl } from '../oauth/protocol/first-party-clients.js';
import { ADMIN_SCOPES } from '../oauth/protocol/scopes.js';
import { buildOpenApiDocument } from './document.js';

/** Hides Swagger's own bar, which would only name Swagger. */
const STYLE = `
  .swagger-ui .topbar { display: none }
  .swagger-ui .info { margin: 32px 0 }
  .swagger-ui .info .title small pre { font-family: inherit }
  .swagger-ui .scheme-container { box-shadow: none; border-bottom: 1px solid #e3e5e8; padding: 12px 0 }
`;

const PATH = 'api/docs';

/**
 * The page receives tokens for the admin API: it may run only its own scripts, and no other page may frame it. Swagger
 * writes styles into the page.
 */
const HEADERS = {
  'x-frame-options': 'DENY',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Headers of pages whose route sets no policy of its own. */
const DEFAULT_PAGE_HEADERS = {
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
};

const isPage = (reply: FastifyReply): boolean => String(reply.getHeader('content-type')).startsWith('text/html');

export function setUpSwagger(nest: NestFastifyApplication, publicUrl: string): void {
  nest
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, _payload, done) => {
      if (reply.hasHeader('content-security-policy')) return done();
      // Decides by the route, independent of the URL's spelling.
      const route = request.routeOptions.url ?? '';
      if (route === `/${PATH}` || route.startsWith(`/${PATH}/`)) void reply.headers(HEADERS);
      else if (isPage(reply)) void reply.headers(DEFAULT_PAGE_HEADERS);
      done();
    });
  SwaggerModule.setup(PATH, nest, () => buildOpenApiDocument(nest, publicUrl), {
    jsonDocumentUrl: 'api/docs/openapi.json',
    yamlDocumentUrl: 'api/docs/openapi.yaml',
    customSiteTitle: 'Gatehouse admin API',
    customCss: STYLE,
    swaggerOptions: {
      persistAuthorization: false,
      oauth2RedirectUrl: buildDocsCallbackUrl(publicUrl),
      initOAuth: { clientId: DOCS_CLIENT_ID, scopes: [...ADMIN_SCOPES], usePkceWithAuthorizationCodeGrant: true },
      displayRequestDuration: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 2,
      // Swagger's own validator would be called over the internet.
      validatorUrl: null,
    },
  });
}
