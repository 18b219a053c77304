import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';

/** Who performs an admin write, and by which request. The audit log records it. */
export interface Actor {
  readonly caller: Caller;
  readonly requestId: string;
  readonly clientAddress: string;
}

/** The actor of the current admin request, as a handler's parameter. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { caller: request.caller!, requestId: request.id, clientAddress: request.ip };
});
