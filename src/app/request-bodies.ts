/** Reads the bodies of requests as their surface declares. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { checkAdminJson } from './admin-json.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { findHttpSurface, type BodyFormat } from '../platform/http/http-surfaces.js';
import { collectBody } from '../proxy/request/body.js';

/** Admin requests are small; the relay reads LLM requests, with a limit of its own. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** The type of the forms on the gateway's pages; the pages accept no other. */
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

type BodyParser = (request: FastifyRequest, payload: IncomingMessage) => Promise<unknown>;

/** Replaces the parsers of Fastify. Content types decide nothing on surfaces whose bodies stay unread. */
export function parseBodies(fastify: FastifyInstance): void {
  const parsers: Readonly<Record<BodyFormat, BodyParser | null>> = {
    unread: null,
    form: readForm,
    json: createJsonReader(fastify),
  };
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (request, payload, done) => {
    const parse = request.is404 ? null : parsers[findHttpSurface(request.raw.url!).body];
    if (parse === null) return done(null);
    parse(request, payload).then(
      (body) => done(null, body),
      (error: Error) => done(error),
    );
  });
}

async function readForm(request: FastifyRequest, payload: IncomingMessage): Promise<URLSearchParams> {
  if (!FORM_TYPE.test(readContentType(request))) {
    throw new GatewayError('unsupported_media_type', 'Send the form that this page shows.');
  }
  return new URLSearchParams((await collectBody(payload, MAX_BODY_BYTES)).toString('utf8'));
}

function createJsonReader(fastify: FastifyInstance): BodyParser {
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  return async (request, payload) => {
    if (!JSON_TYPE.test(readContentType(request))) {
      throw new GatewayError('unsupported_media_type', 'Send the body as application/json.');
    }
    const body = await collectBody(payload, MAX_BODY_BYTES);
    // Clients send a content type with every request, also without a body.
    if (body.length === 0 && request.method === 'DELETE') return undefined;
    const value = await new Promise<unknown>((resolve, reject) => {
      void parseJson(request, body.toString('utf8'), (error, parsed) => (error ? reject(error) : resolve(parsed)));
    });
    checkAdminJson(value);
    return value;
  };
}

const readContentType = (request: FastifyRequest): string => request.headers['content-type'] ?? '';
