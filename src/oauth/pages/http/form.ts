/** Forms of the gateway's pages as handlers read them: text by name, nothing else. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The longest text in these forms is a provider key; a password has its own limit. */
const MAX_TEXT_LENGTH = 8192;

export class PageForm {
  constructor(private readonly fields: URLSearchParams) {}

  /** Returns the trimmed text; `secret()` returns it unchanged. Empty when it is absent, sent twice or too long. */
  getText(name: string): string {
    return this.getSecret(name).trim();
  }

  getSecret(name: string): string {
    const values = this.fields.getAll(name);
    return values.length === 1 && values[0]!.length <= MAX_TEXT_LENGTH ? values[0]! : '';
  }

  getAll(name: string): string[] {
    return this.fields.getAll(name);
  }
}

/** Returns the form as the outer server has parsed it, from `application/x-www-form-urlencoded`. */
export const readPageForm = ({ body }: FastifyRequest): PageForm =>
  new PageForm(body instanceof URLSearchParams ? body : new URLSearchParams());

/** The form of the current request, as a handler's parameter. */
export const CurrentForm = createParamDecorator((_: unknown, context: ExecutionContext): PageForm =>
  readPageForm(context.switchToHttp().getRequest<FastifyRequest>()),
);
