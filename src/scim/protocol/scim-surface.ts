import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';

export const SCIM_JSON = 'application/scim+json; charset=utf-8';
export const SCIM_PATH = 'scim/v2';

@Injectable()
class ScimResponseInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    reply.headers({ 'content-type': SCIM_JSON, 'cache-control': 'no-store' });
    return next.handle();
  }
}

/** Marks a controller as SCIM: its responses are application/scim+json. /scim/v2/Schemas describes it, not OpenAPI. */
export const ScimSurface = () => applyDecorators(ApiExcludeController(), UseInterceptors(ScimResponseInterceptor));
