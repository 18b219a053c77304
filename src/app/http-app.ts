/** Assembles Fastify and Nest. The server and every end-to-end test call this. */
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  LogController,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify';
import type { Socket } from 'node:net';
import { AppModule } from './app.module.js';
import { HttpErrorsFilter } from './http-errors.filter.js';
import { MAX_BODY_BYTES, parseBodies } from './request-bodies.js';
import { Readiness } from '../health/readiness.js';
import { bodyValidation } from '../admin-api/body-validation.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { AuthEventReader } from '../platform/events/auth-event-reader.js';
import { AuthEvents } from '../platform/events/auth-events.js';
import { maskCredentials } from '../platform/logging/mask-credentials.js';
import { findHttpSurface, LLM_SURFACE, PROBE_SURFACE } from '../platform/http/http-surfaces.js';
import { refuseAmbiguousRequests, rewriteTarget } from '../platform/http/normalize-requests.js';
import { normalizeTarget, getTargetPath } from '../platform/http/request-target.js';
import { createId } from '../platform/ids.js';
import type { PlatformResources } from '../platform/platform.module.js';
import { mountOidc } from '../oauth/server/oidc-mount.js';
import { OAuthServer } from '../oauth/server/oauth-server.js';
import { RunningCalls } from '../proxy/call/running-calls.js';
import { installPreAuthResponses } from '../proxy/pre-auth-responses.js';
import { RefusalRecorder } from '../proxy/accounting/refusal-recorder.js';
import { setUpSwagger } from '../openapi/swagger.js';

const DRAIN_POLL_MS = 50;

const REQUEST_TIMEOUT_MS = 300_000;

/** How long connections may remain after all calls have ended: for clients that neither read nor send any more. */
const CLOSING_MS = 2_000;

export interface HttpApp {
  nest: NestFastifyApplication;
  fastify: FastifyInstance;
  /** Refuses new requests, waits up to `drainMs` for those in flight, then closes. */
  shutDown(drainMs: number): Promise<void>;
}

export async function createHttpApp(resources: PlatformResources): Promise<HttpApp> {
  const { config, logger } = resources;
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    genReqId: () => createId(),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    // Long enough for the largest body on a slow line; ends requests that trickle forever and hold a connection.
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A model id in a path may be long (fine-tunes, ARNs).
    routerOptions: { maxParamLength: 1024 },
    rewriteUrl: rewriteTarget,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => filter.send(error, request, reply),
    clientErrorHandler: rejectUnreadable,
  });
  const nest = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(resources), adapter, {
    bodyParser: false,
    logger,
    abortOnError: false,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  const filter = new HttpErrorsFilter(logger, nest.get(RefusalRecorder), config.http.publicUrl);
  refuseAmbiguousRequests(fastify);
  parseBodies(fastify);
  installPreAuthResponses(fastify, config.corsOrigins);
  refuseWhileDraining(fastify, nest.get(Readiness));
  logRequests(fastify, logger.pino);
  expectContinue(fastify.server);
  nest.useGlobalFilters(filter);
  nest.useGlobalPipes(bodyValidation);
  setUpSwagger(nest, config.http.publicUrl);
  mountOidc(fastify, nest.get(OAuthServer), config.http.publicUrl);
  await nest.init();
  const reader = await readAuthEvents(resources, nest.get(AuthEvents));
  return {
    nest,
    fastify,
    shutDown: async (drainMs) => {
      await shutDown(nest, fastify, drainMs);
      await reader?.stop();
    },
  };
}

/** On a shared database other processes make changes too. */
async function readAuthEvents(
  { config, database, logger }: PlatformResources,
  events: AuthEvents,
): Promise<AuthEventReader | null> {
  if (!config.database.url) {
    // This is the only process, and the caches of an earlier one are gone.
    await database.dataSource.query('DELETE FROM auth_event');
    return null;
  }
  const reader = new AuthEventReader(database.dataSource, events, {
    databaseUrl: config.database.url,
    health: database.health,
    onProblem: (error) => logger.pino.warn({ err: error }, 'auth events cannot be read; retrying'),
  });
  await reader.start();
  return reader;
}

function refuseWhileDraining(fastify: FastifyInstance, readiness: Readiness): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!readiness.isDraining || findHttpSurface(request.raw.url!) === PROBE_SURFACE) return done();
    done(
      new GatewayError('shutting_down', 'This process is shutting down. Send the request again.', {
        retryAfterSeconds: 1,
        headers: { connection: 'close' },
      }),
    );
  });
}

/** Writes a line for each request to the surfaces that are logged by request. */
function logRequests(fastify: FastifyInstance, log: PlatformResources['logger']['pino']): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request.raw;
    if (findHttpSurface(url!).log === 'request') {
      const fields = {
        requestId: request.id,
        method,
        path: maskCredentials(getTargetPath(url!)),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      };
      log.info(fields, 'request');
    }
    done();
  });
}

/**
 * On an LLM route, the code that reads the body responds to `Expect: 100-continue`, so the body of an unknown caller is
 * never sent. Elsewhere the body is requested immediately.
 */
function expectContinue(server: RawServerDefault): void {
  server.on('checkContinue', (request, response) => {
    if (findHttpSurface(normalizeTarget(request.url!) ?? '') !== LLM_SURFACE) response.writeContinue();
    server.emit('request', request, response);
  });
}

/**
 * A message that is not HTTP, or has too large a head, never becomes a request: the response is written to the socket
 * (Node `clientError`).
 */
function rejectUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The request headers are too large.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request took too long to arrive.']
        : ['400 Bad Request', 'This is not a valid HTTP request.'];
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: 'bad_request' } });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

async function shutDown(nest: NestFastifyApplication, fastify: FastifyInstance, drainMs: number): Promise<void> {
  nest.get(Readiness).drain();
  const runningCalls = nest.get(RunningCalls);
  const deadline = performance.now() + drainMs;
  while (runningCalls.count > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  runningCalls.abortAll();
  // Keep-alive connections that become idle while the server closes would hold it open until their own timeout.
  const server = fastify.server;
  const idleTimer = setInterval(() => server.closeIdleConnections(), DRAIN_POLL_MS);
  const closeTimer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  try {
    await nest.close();
  } finally {
    clearInterval(idleTimer);
    clearTimeout(closeTimer);
  }
}
